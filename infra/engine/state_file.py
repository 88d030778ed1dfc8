"""Reads the resources of a state file: the output of `pulumi stack export`, or a checkpoint of a file backend."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.errors import InputError
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource

URN_PARTS = 4
# The engine's mark of a secret, of which a state file has the ciphertext.
_SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"


def read(path: Path) -> tuple[str, list[Resource]]:
    """Return the name of the stack, and its resources. Secrets are unknown.

    Raises:
        InputError: it is no file, no JSON, or has no resources.
    """
    found = [each for each in _resources(path) if not each.get("delete") and not each.get("external")]
    stacks = {each["urn"].split("::")[0].removeprefix("urn:pulumi:") for each in found}
    if len(stacks) != 1:
        raise InputError(
            f"--state {path}: contains no resources of a stack; use a file that `pulumi stack export` wrote"
        )
    return stacks.pop(), [_resource(each) for each in found]


def _resources(path: Path) -> list[dict[str, Any]]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"--state {path}: cannot be read as JSON: {error}") from error
    checkpoint = mapping(mapping(mapping(document).get("checkpoint")).get("latest"))
    deployment = mapping(mapping(document).get("deployment")) or checkpoint
    return [each for each in items(deployment.get("resources")) if _is_resource(each)]


def _is_resource(value: Any) -> bool:
    """Return whether this is a resource, other than the stack itself and its providers."""
    urn, type_ = str(mapping(value).get("urn")), str(mapping(value).get("type"))
    return len(urn.split("::")) == URN_PARTS and not type_.startswith("pulumi:")


def _resource(state: Mapping[str, Any]) -> Resource:
    given = {**_plain(mapping(state.get("outputs"))), **_plain(mapping(state.get("inputs")))}
    if state.get("id"):
        given["id"] = state["id"]
    return Resource(
        type=state["type"],
        name=state["urn"].rpartition("::")[2],
        urn=state["urn"],
        properties=given,
        protect=state.get("protect") is True,
        dependencies={key: list(urns or ()) for key, urns in mapping(state.get("propertyDependencies")).items()},
    )


def _plain(value: Any) -> Any:
    """Return a value with UNKNOWN for secrets, and without the properties of the engine, such as `__defaults`."""
    if isinstance(value, dict):
        if _SIGNATURE_KEY in value:
            return UNKNOWN
        return {key: _plain(each) for key, each in value.items() if not key.startswith("__")}
    return [_plain(each) for each in value] if isinstance(value, list) else value
