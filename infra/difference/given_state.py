"""A state from the user for --state: the output of `pulumi stack export`, or a state file of a file backend."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.engine import checkpoint, state_file
from infra.errors import InputError
from localcloud.aws import functions
from localcloud.cloud import ACCOUNT_ID
from localcloud.protocol.values import SECRET, SIGNATURE
from localcloud.providers.state_only import UNREADABLE
from stacks.names import PROJECT

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
        InputError: the file is not a state, or belongs to another stack.
    """
    resources = state_file.raw(path)
    _require_stack(resources, stack, path)
    encrypted = [0]
    readable = [_readable(each, encrypted) for each in resources]
    account_id = _account(json.dumps(readable))
    if zone:
        readable = in_previewed_zone(readable, zone, account_id)
    note = f"{encrypted[0]} encrypted values of the state are not compared" if encrypted[0] else ""
    return GivenState(
        name=path.name,
        checkpoint=checkpoint.document(stack, readable),
        account_id=account_id,
        notes=(note,) if note else (),
    )


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


def in_previewed_zone(resources: list[dict[str, Any]], zone: str, account_id: str) -> list[dict[str, Any]]:
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
