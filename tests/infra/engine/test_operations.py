"""The outcome of an engine operation, from its events. Mocked: the engine."""

import re
from collections import Counter

import pytest
from pulumi.automation.errors import CommandError
from pulumi.automation.events import (
    DiagnosticEvent,
    EngineEvent,
    OpType,
    PolicyEvent,
    ResOutputsEvent,
    StepEventMetadata,
    StepEventStateMetadata,
    SummaryEvent,
)

from infra.engine import operations
from infra.engine.operations import Outcome
from infra.engine.places import ROOT
from infra.engine.progress import Progress
from infra.errors import OperationError
from infra.program_error import UNHANDLED

URN = "urn:pulumi:prod::drydock::drydock:database:Database$aws:rds/instance:Instance::database"


def diagnostic(severity: str, message: str) -> EngineEvent:
    """Return a diagnostic event."""
    event = DiagnosticEvent(message=message, color="never", severity=severity, urn=URN)
    return EngineEvent(sequence=1, timestamp=1, diagnostic_event=event)


def policy(level: str) -> EngineEvent:
    """Return a policy violation."""
    event = PolicyEvent(
        message="database is public",
        color="never",
        policy_name="aws-rds-no-public-access",
        policy_pack_name="drydock",
        policy_pack_version="1",
        policy_pack_version_tag="1",
        enforcement_level=level,
        resource_urn=URN,
    )
    return EngineEvent(sequence=1, timestamp=1, policy_event=event)


def summary(**counts: int) -> EngineEvent:
    """Return the last event of an operation."""
    event = SummaryEvent(maybe_corrupt=False, duration_seconds=1, resource_changes=counts, policy_packs={})
    return EngineEvent(sequence=2, timestamp=1, summary_event=event)


class FakeStack:
    """A stack whose operations send the given events, and optionally fail."""

    def __init__(self, *events: EngineEvent, fails: bool = False) -> None:
        self._events = events
        self._fails = fails

    def up(self, on_event: object, policy_packs: list[str]) -> None:
        """Send the events."""
        for event in self._events:
            on_event(event)  # type: ignore[operator]
        if self._fails:
            raise CommandError(_Failed())


class _Failed:
    stdout = "noise"
    stderr = "error: the engine's own words"
    code = 255

    def __str__(self) -> str:
        return f"{self.stdout}\n{self.stderr}"


def outcome_of(*events: EngineEvent, fails: bool = False) -> Outcome:
    """Return the outcome of an `up` that sends these events."""
    return operations.up(FakeStack(*events, fails=fails), Progress(quiet=True))  # type: ignore[arg-type]


def test_does_not_count_unchanged_resources_as_changes() -> None:
    """The summary has them, but the number of changes does not."""
    outcome = outcome_of(summary(create=2, update=1, same=80)).require_success()

    assert outcome.changes == 3
    assert outcome.summary() == "2 create, 1 update, 80 same"


def test_an_unchanged_stack_has_0_changes() -> None:
    """The summary begins with `0 changes`."""
    assert outcome_of(summary(same=97)).summary() == "0 changes, 97 same"


def test_the_summary_of_a_failed_operation_is_incomplete() -> None:
    """The engine does not count what comes after the error. Violations are reported after all resources."""
    failed, stopped = outcome_of(summary(create=37), fails=True), outcome_of(summary(create=133), fails=True)
    stopped.violations.append("rule: broken")

    assert failed.summary() == "incomplete: 37 create"
    assert stopped.summary() == "133 create"


def test_a_failure_names_resource_and_reason_once() -> None:
    """A repeated diagnostic is one line of the message."""
    error = diagnostic("error", "subnet is full")
    outcome = outcome_of(error, error, fails=True)

    with pytest.raises(OperationError, match=r"up failed:\n  aws:rds/instance:Instance database: subnet is full$"):
        outcome.require_success()


@pytest.mark.parametrize("before", ["", "Preview failed: "])
def test_names_a_resource_once_that_its_provider_names_too(before: str) -> None:
    """The provider's messages have type and name, for other callers than the engine."""
    where = "aws:rds/instance:Instance database: "
    outcome = outcome_of(diagnostic("error", f"{before}{where}{where}subnet is full"), fails=True)

    assert outcome.errors == [f"{where}subnet is full"]


def test_keeps_the_names_of_other_resources() -> None:
    """They say what a resource refers to."""
    text = "Preview failed: aws:rds/instance:Instance other: is used by database (aws:ec2/vpc:Vpc): x"

    assert outcome_of(diagnostic("error", text), fails=True).errors == [f"aws:rds/instance:Instance database: {text}"]


@pytest.mark.parametrize(
    ("resource", "named"),
    [
        ("kubernetes:apps/v1:Deployment api: 0 of 1 pods ready", True),
        ("kubernetes:batch/v1:Job migration: BackoffLimitExceeded", True),
        ("aws:rds/instance:Instance database: refused", False),
    ],
)
def test_a_failure_of_pods_refers_to_the_contract_of_an_image(resource: str, named: bool) -> None:
    """The message has the page and its heading, and the page has that heading."""
    outcome = Outcome("up", errors=[resource], failed=True)

    with pytest.raises(OperationError) as failure:
        outcome.require_success()

    page, heading = "docs/your-own-service.md", "The contract of an image"
    assert (page in str(failure.value) and heading in str(failure.value)) is named
    assert f"## {heading}\n" in (ROOT / page).read_text()


def test_a_failure_without_diagnostics_quotes_the_engine() -> None:
    """The message has the error line of stderr."""
    with pytest.raises(OperationError, match="error: the engine's own words"):
        outcome_of(fails=True).require_success()


def test_a_mandatory_violation_fails_the_operation() -> None:
    """The message names rule, resource and finding."""
    with pytest.raises(
        OperationError,
        match=r"up stopped by 1 policy violation:\n  aws-rds-no-public-access: .*database is public",
    ):
        outcome_of(policy("mandatory"), fails=True).require_success()


def test_an_advisory_violation_does_not_fail_the_operation() -> None:
    """It is not listed among the violations."""
    assert outcome_of(policy("advisory"), summary(same=1)).require_success().violations == []


def test_stages_of_a_replacement_are_counted_once() -> None:
    """The three steps of a replacement are one change."""
    outcome = Outcome("up", counts=Counter({"create-replacement": 1, "delete-replaced": 1, "replace": 1}))

    assert outcome.summary() == "1 replace"


@pytest.mark.parametrize(
    "text",
    [
        "failed: context canceled",
        "python inline source runtime error: invoke of aws:ecr/x:x failed\nTraceback (most recent call last):\n  File\n"
        "Exception: invoke of aws:ecr/x:x failed: an error: grpc: the client connection is closing\n",
    ],
)
def test_leaves_out_errors_that_follow_from_another(text: str) -> None:
    """Cancelled operations and the cancelled program are left out, unless they are the only errors."""
    cause, echo = diagnostic("error", "subnet is full"), diagnostic("error", text)

    with pytest.raises(OperationError, match=r"^up failed:\n  [^\n]*subnet is full$"):
        outcome_of(cause, echo, fails=True).require_success()
    with pytest.raises(OperationError, match=re.escape(text.strip().splitlines()[-1])):
        outcome_of(echo, fails=True).require_success()


def test_shows_the_message_of_a_program_once() -> None:
    """The engine repeats it for an inline program. If only the repeated one arrives, it is shown."""
    first, repeated = (diagnostic("error", f"{prefix}adminRoles: wrong") for prefix in ("", UNHANDLED))
    for events in ([first, repeated], [repeated]):
        with pytest.raises(OperationError) as failed:
            outcome_of(*events, fails=True).require_success()
        assert str(failed.value).endswith(": adminRoles: wrong")
        assert str(failed.value).count("adminRoles: wrong") == 1
        assert UNHANDLED not in str(failed.value)


def test_returns_the_outputs_of_the_stack() -> None:
    """They are those of its last event; outputs of resources are ignored."""
    outcome = outcome_of(
        outputs("pulumi:pulumi:Stack", {"url": "http://old"}),
        outputs("aws:s3/bucket:Bucket", {"url": "none"}),
        outputs("pulumi:pulumi:Stack", {"url": "http://new"}),
    )

    assert outcome.outputs == {"url": "http://new"}


def outputs(type_: str, values: dict[str, str]) -> EngineEvent:
    """Return the event of a finished resource."""
    urn = f"urn:pulumi:prod::drydock::{type_}::name"
    state = StepEventStateMetadata(type=type_, urn=urn, id="", parent="", provider="", outputs=values)
    metadata = StepEventMetadata(op=OpType.SAME, urn=urn, type=type_, provider="", new=state)
    return EngineEvent(sequence=1, timestamp=1, res_outputs_event=ResOutputsEvent(metadata=metadata))


def test_a_change_on_the_second_up_is_an_error() -> None:
    """The message has the number of changes by kind."""
    with pytest.raises(OperationError, match=r"2 resource\(s\) changed on a second up: 2 update, 5 same"):
        Outcome("up", counts=Counter(update=2, same=5)).require_no_changes()
    assert Outcome("up", counts=Counter(same=5)).require_no_changes() == "0 changes"
