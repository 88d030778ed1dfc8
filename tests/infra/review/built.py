"""Engine events, built as the engine sends them."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.automation.events import EngineEvent

STACK = "urn:pulumi:prod::drydock::pulumi:pulumi:Stack::drydock-prod"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def urn(resource_type: str, name: str, parents: str = "") -> str:
    """Return the URN of a resource of the stack prod."""
    return f"urn:pulumi:prod::drydock::{parents + '$' if parents else ''}{resource_type}::{name}"


def component(resource_type: str, name: str) -> EngineEvent:
    """Return the event of an unchanged component."""
    return step("same", resource_type, name, old={}, new={}, custom=False)


def step(
    op: str,
    resource_type: str,
    name: str,
    *,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    parent: str = STACK,
    diff: Mapping[str, str] | None = None,
    keys: Sequence[str] = (),
    diffs: Sequence[str] = (),
    protect: tuple[bool, bool] = (True, True),
    custom: bool = True,
    retain: tuple[bool, bool] = (False, False),
    identity: str = "",
) -> EngineEvent:
    """Return the event before a step; `old` and `new` are inputs, `diff` is property path -> kind.

    Pairs are options before and after the step.
    """
    parents = "" if parent == STACK else parent.split("::")[2]
    own = urn(resource_type, name, parents)

    def state(inputs: Mapping[str, Any] | None, side: int) -> dict[str, Any] | None:
        if inputs is None:
            return None
        return {
            "id": identity,
            "type": resource_type,
            "urn": own,
            "parent": parent,
            "custom": custom,
            "protect": protect[side],
            "retainOnDelete": retain[side],
            "inputs": inputs,
        }

    metadata = {
        "op": op,
        "urn": own,
        "type": resource_type,
        "provider": "",
        "old": state(old, 0),
        "new": state(new, 1),
        "keys": list(keys) or None,
        "diffs": list(diffs) or None,
        "detailedDiff": {path: {"diffKind": kind} for path, kind in (diff or {}).items()},
    }
    return _event(resourcePreEvent={"metadata": metadata, "planning": True})


def policy(rule: str, level: str, message: str, resource: str) -> EngineEvent:
    """Return a finding of the policy pack."""
    told = {"policyName": rule, "enforcementLevel": level, "message": message, "resourceUrn": resource}
    return _event(policyEvent=told)


def error(message: str, resource: str | None = None, severity: str = "error") -> EngineEvent:
    """Return a diagnostic event."""
    return _event(diagnosticEvent={"message": message, "severity": severity, "urn": resource})


def summary() -> EngineEvent:
    """Return the last event of a preview that the policy pack has checked completely."""
    return _event(summaryEvent={"resourceChanges": {}, "PolicyPacks": {"drydock|local|infra/policy": "0.1.0"}})


def _event(**content: Any) -> EngineEvent:
    return EngineEvent.from_json({"sequence": 0, "timestamp": 0, **content})
