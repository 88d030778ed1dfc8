"""Preview, up, refresh and destroy on the engine, with progress and one outcome."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation.errors import CommandError
from pulumi.automation.events import EngineEvent

from infra.engine import exemptions
from infra.engine.failure_reason import failure_reason, gone
from infra.engine.progress import Progress
from infra.engine.protection import require_unprotected
from infra.engine.workspace import POLICY_PACK
from infra.errors import FailedOperationError, OperationError
from infra.program_error import shortened

STACK_TYPE = "pulumi:pulumi:Stack"
UNCHANGED = ("same", "read", "refresh")
# Error of a program that calls a provider after the engine has stopped it.
CLOSING = "grpc: the client connection is closing"
# The message of the engine about all other resources once one has failed.
ECHOES = ("context canceled", "update failed", "preview failed", "refresh failed", "destroy failed", CLOSING)
# Precedes the message of a provider in a preview.
PREVIEW_FAILED = "Preview failed: "
LOST = (
    "a process that the engine uses has ended; completed work is recorded. `drydock status` shows which "
    "part it was; the next run continues"
)
PODS = ("kubernetes:apps/v1:Deployment ", "kubernetes:batch/v1:Job ")
CONTRACT = "for the requirements of an image see docs/your-own-service.md, `The contract of an image`"
# Stages of a replacement that the summary counts once, as `replace`.
STAGES = ("create-replacement", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace")


@dataclass
class Outcome:
    """The outcome of an operation or a preview."""

    operation: str
    events: list[EngineEvent] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """Errors of the engine, a provider or the program; empty after a success."""
    violations: list[str] = field(default_factory=list)
    """Violations of mandatory policies, one text each."""
    counts: Counter[str] = field(default_factory=Counter)
    """Operation (`create`, `update`, ...) to number of resources."""
    outputs: dict[str, object] = field(default_factory=dict)
    """The outputs of the stack after an `up`; a secret is `[secret]`."""
    seconds: float = 0.0
    failed: bool = False

    @property
    def changes(self) -> int:
        """Number of changed resources."""
        return sum(number for kind, number in self.counts.items() if kind not in UNCHANGED)

    def summary(self) -> str:
        """Return one line such as `3 create, 1 update, 80 same`, or `0 changes, 84 same`.

        It begins with `incomplete: ` if an error ended the operation. The engine reports violations at its end.
        """
        order = sorted(self.counts.items(), key=lambda item: (item[0] in UNCHANGED, item[0]))
        texts = [f"{number} {kind}" for kind, number in order if kind not in STAGES]
        incomplete = "incomplete: " if self.failed and not self.violations else ""
        return incomplete + ", ".join(texts if self.changes else ["0 changes", *texts])

    def _made(self) -> str:
        return "; nothing was created" if self.operation == "preview" else ""

    def require_success(self) -> "Outcome":
        """Return the outcome itself.

        Raises:
            OperationError: the operation failed; the message has every error once.
        """
        if self.violations:
            violations = "violation" if len(self.violations) == 1 else "violations"
            raise OperationError(
                f"{self.operation} stopped by {len(self.violations)} policy {violations}{self._made()}:\n"
                + "\n".join(f"  {text}" for text in self.violations)
            )
        if self.failed:
            reasons = [text for text in dict.fromkeys(self.errors) if not text.endswith(ECHOES)]
            texts = "\n".join(f"  {text}" for text in reasons or self.errors) or "  the engine reported no error"
            lost = f"\n  {LOST}" if gone(reasons) else ""
            contract = f"\n  {CONTRACT}" if any(text.startswith(PODS) for text in reasons) else ""
            raise FailedOperationError(f"{self.operation} failed:\n{texts}{lost}{contract}", self.events)
        return self

    def require_no_changes(self) -> str:
        """Check that a second `up` changed nothing, and return a message.

        Raises:
            OperationError: it failed, or changed resources.
        """
        if self.require_success().changes:
            raise OperationError(f"{self.changes} resource(s) changed on a second up: {self.summary()}")
        return "0 changes"


def preview(
    stack: automation.Stack,
    progress: Progress,
    *,
    judged: bool = True,
    levels: Path | None = None,
    plan: Path | None = None,
) -> Outcome:
    """Preview the changes of an `up`.

    Args:
        stack: the stack.
        progress: shows the steps.
        judged: whether to run the policy pack.
        levels: file with enforcement levels that replace those of the policy pack.
        plan: file for the plan of the engine, with all dependencies.

    Raises:
        InputError: the exemptions from the policies are not valid.
    """
    if judged:
        exemptions.require_valid(stack.name, progress)
    path = str(plan) if plan else None
    policies = _policies(judged, levels)
    return _run("preview", progress, lambda on_event: stack.preview(on_event=on_event, plan=path, **policies))


def up(stack: automation.Stack, progress: Progress, *, judged: bool = True, levels: Path | None = None) -> Outcome:
    """Deploy the stack.

    The policy pack runs again, because values that are unknown in a preview may violate a rule.

    Args:
        stack: the stack.
        progress: shows the steps.
        judged: whether to run the policy pack. It is False if the pack has just checked the same values.
        levels: file with enforcement levels that replace those of the policy pack.
    """
    policies = _policies(judged, levels)
    return _run("up", progress, lambda on_event: stack.up(on_event=on_event, **policies))


def _policies(judged: bool, levels: Path | None) -> dict[str, Any]:
    configs = {"policy_pack_configs": [str(levels)]} if levels else {}
    return {"policy_packs": [str(POLICY_PACK)], **configs} if judged else {"policy_packs": []}


def refresh(stack: automation.Stack, progress: Progress) -> Outcome:
    """Update the state from the actual resources; each change in the outcome is drift."""
    return _run("refresh", progress, lambda on_event: stack.refresh(on_event=on_event))


def destroy(stack: automation.Stack, progress: Progress, resources: Iterable[Mapping[str, Any]]) -> Outcome:
    """Delete every resource of the stack.

    Args:
        stack: the stack.
        progress: shows the steps.
        resources: the resources of its state, in the format of `pulumi stack export`.

    Raises:
        OperationError: some of them are protected; nothing was deleted.
    """
    require_unprotected(stack.name, resources)
    return _run("destroy", progress, lambda on_event: stack.destroy(on_event=on_event))


def _run(operation: str, progress: Progress, call: Callable[[Callable[[EngineEvent], None]], object]) -> Outcome:
    outcome = Outcome(operation)
    began = time.monotonic()

    def on_event(event: EngineEvent) -> None:
        outcome.events.append(event)
        _note(outcome, event)
        progress.show(event)

    try:
        with progress.reminders():
            call(on_event)
    except CommandError as error:
        outcome.failed = True
        if not outcome.errors:
            outcome.errors.append(failure_reason(error))
    outcome.seconds = time.monotonic() - began
    return outcome


def _note(outcome: Outcome, event: EngineEvent) -> None:
    if event.diagnostic_event and event.diagnostic_event.severity == "error":
        outcome.errors.append(_about(event.diagnostic_event.urn, shortened(event.diagnostic_event.message)))
    if event.policy_event and event.policy_event.enforcement_level == "mandatory":
        text = _about(event.policy_event.resource_urn, " ".join(event.policy_event.message.split()))
        outcome.violations.append(f"{event.policy_event.policy_name}: {text}")
    if event.res_outputs_event and event.res_outputs_event.metadata.type == STACK_TYPE:
        state = event.res_outputs_event.metadata.new
        outcome.outputs = dict(state.outputs or {}) if state else {}
    if event.summary_event:
        changes = event.summary_event.resource_changes or {}
        outcome.counts = Counter({str(getattr(kind, "value", kind)): number for kind, number in changes.items()})


def _about(urn: str | None, message: str) -> str:
    """Return a message about a resource with its type and name once, also if the message has them too."""
    if not urn:
        return message
    type_, name = urn.split("::")[2].rpartition("$")[2], urn.rpartition("::")[2]
    where = f"{type_} {name}: "
    text = message.removeprefix(PREVIEW_FAILED) if message.startswith(PREVIEW_FAILED + where) else message
    while text.startswith(where):
        text = text.removeprefix(where)
    return where + text.replace(f"{name} ({type_}): ", "")
