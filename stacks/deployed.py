"""The resources in the stack's state, for the few things that the engine cannot compare."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

READ_STACK_OUTPUTS = "pulumi:pulumi:readStackOutputs"
READ_RESOURCES = "pulumi:pulumi:readStackResourceOutputs"
UNFINISHED = "failed to load checkpoint"
ATTEMPTS, PAUSE_SECONDS = 20, 0.1


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The resources in the stack's state when the program starts."""

    resources: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    """Outputs of the resources by type, such as `aws:ecr/repository:Repository`."""

    def of_type(self, type_: str) -> tuple[Mapping[str, Any], ...]:
        """Return the outputs of the resources of a type; empty if nothing is deployed."""
        return self.resources.get(type_, ())


def read_deployed() -> Deployed:
    """Read the state of the current stack from the engine, with its two built-in functions.

    The state of a stack that was never deployed cannot be read: the engine (pkg/backend/backend.go,
    `GetStackResourceOutputs`, 3.259) fails with a nil pointer. The outputs can, so they are read first.
    Before the first successful deployment the state therefore appears empty.
    """
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    if not _ask(READ_STACK_OUTPUTS, {"name": stack}):
        return Deployed()
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for urn, resource in _ask(READ_RESOURCES, {"stackName": stack}).items():
        type_ = urn.split("::")[2].rpartition("$")[2]
        found[type_] = (*found.get(type_, ()), resource["outputs"])
    return Deployed(resources=found)


def _ask(function: str, args: Mapping[str, str]) -> Mapping[str, Any]:
    """Call the engine; retry while it writes the state: a file backend has no complete file at that moment."""
    for attempt in range(ATTEMPTS):
        try:
            answer = pulumi.runtime.invoke(function, dict(args)).value or {}
        except Exception as error:
            if UNFINISHED not in str(error) or attempt == ATTEMPTS - 1:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            outputs: Mapping[str, Any] = answer.get("outputs") or {}
            return outputs
    raise AssertionError
