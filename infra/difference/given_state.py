"""A state that the user has: the output of `pulumi stack export`, or a state file of a file backend."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.errors import InputError
from localcloud.aws import functions
from localcloud.cloud import ACCOUNT_ID
from localcloud.providers.state_only import UNREADABLE
from stacks.names import PROJECT

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the engine's mark of a secret
EXPORT = "accepted: the output of `pulumi stack export`, or the state file of a file backend"
ZONE = "aws:route53/getZone:getZone"


@dataclass(frozen=True, kw_only=True)
class GivenState:
    """A state for the engine, in which encrypted values are placeholders."""

    name: str
    checkpoint: dict[str, Any]
    account_id: str
    notes: tuple[str, ...]


def read(path: Path, stack: str, zone: str = "") -> GivenState:
    """Read a state of a stack.

    Args:
        path: the file.
        stack: the stack.
        zone: name of the hosted zone that the program looks up; "" if it looks up none.

    Raises:
        InputError: the file is none, or belongs to another stack.
    """
    resources = _resources(path)
    _require_stack(resources, stack, path)
    encrypted = [0]
    readable = [_readable(each, encrypted) for each in resources]
    account_id = _account(json.dumps(readable))
    if zone:
        readable = _in_previewed_zone(readable, zone, account_id)
    document = {
        "stack": f"organization/{PROJECT}/{stack}",
        "latest": {"manifest": {"time": "0001-01-01T00:00:00Z", "magic": "", "version": ""}, "resources": readable},
    }
    note = f"{encrypted[0]} encrypted values of the state are not compared" if encrypted[0] else ""
    return GivenState(
        name=path.name,
        checkpoint={"version": 3, "checkpoint": document},
        account_id=account_id,
        notes=(note,) if note else (),
    )


def _resources(path: Path) -> list[dict[str, Any]]:
    try:
        document = json.loads(path.read_text())
    except OSError as error:
        raise InputError(f"--state {path}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"--state {path}: not JSON: {error}; {EXPORT}") from error
    try:
        latest = document["deployment"] if "deployment" in document else document["checkpoint"]["latest"]
        return list((latest or {}).get("resources") or ())
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"--state {path}: no state; {EXPORT}") from error


def _require_stack(resources: list[dict[str, Any]], stack: str, path: Path) -> None:
    owners = {tuple(each["urn"].split("::")[:2]) for each in resources}
    others = sorted(f"{owner[0].rpartition(':')[2]} of {owner[1]}" for owner in owners - {(_prefix(stack), PROJECT)})
    if others:
        raise InputError(f"--state {path}: the state of {', '.join(others)}, but the stack is {stack} of {PROJECT}")


def _prefix(stack: str) -> str:
    return f"urn:pulumi:{stack}"


def _readable(value: Any, encrypted: list[int]) -> Any:
    """Return a state whose encrypted values are a placeholder, and count them."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET and "plaintext" not in value:
            encrypted[0] += 1
            return {SIGNATURE: SECRET, "plaintext": json.dumps(UNREADABLE)}
        return {key: _readable(each, encrypted) for key, each in value.items()}
    return [_readable(each, encrypted) for each in value] if isinstance(value, list) else value


def _account(text: str) -> str:
    """Return the account that most ARNs name."""
    found = Counter(re.findall(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:([0-9]{12}):", text)).most_common(1)
    return found[0][0] if found else ACCOUNT_ID


def _in_previewed_zone(resources: list[dict[str, Any]], zone: str, account_id: str) -> list[dict[str, Any]]:
    """Return the resources with the id that the hosted zone has on the stand-ins, which have no account to ask."""
    text = json.dumps(resources)
    previewed = str(functions.answer(ZONE, {"name": zone}, account_id, "", None)["id"])
    for each in resources:
        inputs = each.get("inputs") or {}
        name = str(inputs.get("name", "")).rstrip(".")
        in_zone = name == zone or name.endswith(f".{zone}")
        if each["type"] == "aws:route53/record:Record" and in_zone and inputs.get("zoneId"):
            text = text.replace(str(inputs["zoneId"]), previewed)
    changed: list[dict[str, Any]] = json.loads(text)
    return changed
