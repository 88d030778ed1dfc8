"""Reads the resources of a state file: the output of `pulumi stack export`, or a checkpoint of a file backend."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.errors import InputError
from infra.resources.properties import UNKNOWN, mapping
from infra.resources.resource import Resource
from localcloud.protocol.values import SIGNATURE

URN_PARTS = 4
EXPORT = "accepted: the output of `pulumi stack export`, or the state file of a file backend"


def read(path: Path) -> tuple[str, list[Resource]]:
    """Return the name of the stack, and its resources. Secrets are unknown.

    Raises:
        InputError: it is not a file, not JSON, or has no resources.
    """
    found = [each for each in raw(path) if _is_resource(each) and not each.get("delete") and not each.get("external")]
    stacks = {each["urn"].split("::")[0].removeprefix("urn:pulumi:") for each in found}
    if len(stacks) != 1:
        raise InputError(
            f"--state {path}: contains no resources of a stack; use a file that `pulumi stack export` wrote"
        )
    return stacks.pop(), [_resource(each) for each in found]


def raw(path: Path) -> list[dict[str, Any]]:
    """Return the resources as they are in the file.

    Raises:
        InputError: it is not a file, not JSON, or not a state.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"--state {path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"--state {path}: not JSON: {error}; {EXPORT}") from error
    try:
        latest = document["deployment"] if "deployment" in document else document["checkpoint"]["latest"]
        found = list((latest or {}).get("resources") or ())
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"--state {path}: no state; {EXPORT}") from error
    if not all(isinstance(mapping(each).get(key), str) for each in found for key in ("urn", "type")):
        raise InputError(f"--state {path}: no state: a resource without urn or type; {EXPORT}")
    return found


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
        if SIGNATURE in value:  # a secret, of which a state file has the ciphertext
            return UNKNOWN
        return {key: _plain(each) for key, each in value.items() if not key.startswith("__")}
    return [_plain(each) for each in value] if isinstance(value, list) else value
