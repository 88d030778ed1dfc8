"""The state file of a stack in a local cloud, as the engine's file backend keeps it."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from stacks.names import PROJECT

BACKEND = "pulumi-state"
"""Folder of the backend in the folder of a local cloud."""


def path(state: Path, stack: str, project: str = PROJECT) -> Path:
    """Return the path of the state file of a stack."""
    return state / BACKEND / ".pulumi" / "stacks" / project / f"{stack}.json"


def document(stack: str, resources: Iterable[Mapping[str, Any]], project: str = PROJECT) -> dict[str, Any]:
    """Return the content of a state file with these resources."""
    manifest = {"time": "0001-01-01T00:00:00Z", "magic": "", "version": ""}
    latest = {"manifest": manifest, "resources": list(resources)}
    return {"version": 3, "checkpoint": {"stack": f"organization/{project}/{stack}", "latest": latest}}


def deployment(state: Path, stack: str, project: str = PROJECT) -> dict[str, Any]:
    """Read the last deployment, `resources` and `pending_operations`; empty before the first `up`.

    Its secrets are encrypted: `pulumi stack export` decrypts them, which takes a second.
    """
    checkpoint = json.loads(path(state, stack, project).read_text())["checkpoint"]
    found: dict[str, Any] = checkpoint.get("latest") or {}
    return found


def resources(state: Path, stack: str, project: str = PROJECT) -> list[dict[str, Any]]:
    """Read the resources of the last deployment; none before the first `up`, or if there is no state file."""
    if not path(state, stack, project).exists():
        return []
    return list(deployment(state, stack, project).get("resources") or ())
