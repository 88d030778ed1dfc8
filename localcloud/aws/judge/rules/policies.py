"""Reads policy documents, which S3 and SQS take as text, and what cfn-lint knows of the actions in them."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from localcloud.aws.specifications.tables import cfnlint
from localcloud.protocol.values import UNKNOWN


def is_json(text: str) -> bool:
    """Whether a text is a JSON object."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def statements(text: str) -> list[dict[str, Any]] | None:
    """The statements of a policy; None if it is no JSON object that has some."""
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
    """A text or a list of texts as a list, without what a preview does not know."""
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str) and UNKNOWN not in each]


@cache
def actions(service: str) -> Mapping[str, frozenset[str]]:
    """The actions of a service, in lower case, with the types of resource that each applies to.

    From AWS's service authorization reference, as cfn-lint carries it.
    """
    listed = cfnlint("AdditionalSpecs", "Policies.json")[service]["Actions"]
    return {name: frozenset(each.get("Resources", ())) for name, each in listed.items()}
