"""Reads policy documents, which S3 and SQS take as text."""

import json
from typing import Any

from localcloud.providers.values import UNKNOWN


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
