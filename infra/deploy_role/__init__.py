"""The policies of the deploy role, one JSON file for each topic."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path("infra/deploy_role")
NOT_REHEARSED = "not-rehearsed"
"""How the names of files begin whose actions no rehearsal uses: calls of Pulumi's own provider, and changes of
existing resources."""


def policies() -> dict[str, Any]:
    """Return the policy documents by file name."""
    return {path.name: json.loads(path.read_text()) for path in sorted(Path(__file__).parent.glob("*.json"))}


def rehearsed() -> dict[str, Any]:
    """Return the policy documents whose actions a rehearsal uses, by file name."""
    return {file: document for file, document in policies().items() if not file.startswith(NOT_REHEARSED)}


def actions(document: Mapping[str, Any]) -> list[str]:
    """Return the actions of a policy document."""
    return [action for statement in document["Statement"] for action in statement["Action"]]
