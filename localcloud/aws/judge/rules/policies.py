"""Reads policy documents, which S3 and SQS receive as text, and cfn-lint's list of actions."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from localcloud.aws.specifications.tables import cfnlint
from localcloud.protocol.values import UNKNOWN


def is_json(text: str) -> bool:
    """Return whether a text is a JSON object."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def statements(text: str) -> list[dict[str, Any]] | None:
    """Return the statements of a policy, or None if the text is not a JSON object with statements."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    found = document.get("Statement") if isinstance(document, dict) else None
    listed = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
        return None
    return listed


def texts(value: Any) -> list[str]:
    """Return a text or a list of texts as a list, without values that a preview does not know."""
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str) and UNKNOWN not in each]


@cache
def actions(service: str) -> Mapping[str, frozenset[str]]:
    """Return the actions of a service in lower case, each with the resource types that it applies to.

    The list is from AWS's service authorization reference, as included in cfn-lint.
    """
    listed = cfnlint("AdditionalSpecs", "Policies.json")[service]["Actions"]
    return {name: frozenset(each.get("Resources", ())) for name, each in listed.items()}
