"""What an operation's outcome says."""

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

URN = "urn:pulumi:prod::drydock::drydock:database:Database$aws:rds/instance:Instance::database"


def diagnostic(severity: str, message: str) -> EngineEvent:
    """Return an event as the engine sends it."""
    event = DiagnosticEvent(message=message, color="never", severity=severity, urn=URN)
    return EngineEvent(sequence=1, timestamp=1, diagnostic_event=event)


def policy(level: str) -> EngineEvent:
    """Return a broken rule."""
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


def test_counts_changes_without_what_stayed() -> None:
    """`same` is no change."""
    outcome = outcome_of(summary(create=2, update=1, same=80)).require_success()

    assert outcome.changes == 3
    assert outcome.summary() == "2 create, 1 update, 80 same"


def test_an_unchanged_stack_has_0_changes() -> None:
    """In these words, for those who look for them."""
    assert outcome_of(summary(same=97)).summary() == "0 changes, 97 same"


def test_a_failure_names_resource_and_reason_once() -> None:
    """The same diagnostic twice is one line."""
    error = diagnostic("error", "subnet is full")
    outcome = outcome_of(error, error, fails=True)

    with pytest.raises(OperationError, match=r"up failed:\n  aws:rds/instance:Instance database: subnet is full$"):
        outcome.require_success()


@pytest.mark.parametrize(
    ("resource", "named"),
    [
        ("kubernetes:apps/v1:Deployment api: 0 of 1 pods ready", True),
        ("kubernetes:batch/v1:Job migration: BackoffLimitExceeded", True),
        ("aws:rds/instance:Instance database: refused", False),
    ],
)
def test_a_failure_of_pods_names_the_contract_of_an_image(resource: str, named: bool) -> None:
    """Where the reader finds what the image has to do, and under which heading."""
    outcome = Outcome("up", errors=[resource], failed=True)

    with pytest.raises(OperationError) as failure:
        outcome.require_success()

    page, heading = "docs/your-own-service.md", "The contract of an image"
    assert (page in str(failure.value) and heading in str(failure.value)) is named
    assert f"## {heading}\n" in (ROOT / page).read_text()


def test_a_failure_without_diagnostics_has_the_engines_words() -> None:
    """Nothing is swallowed."""
    with pytest.raises(OperationError, match="error: the engine's own words"):
        outcome_of(fails=True).require_success()


def test_a_mandatory_violation_stops() -> None:
    """By rule and resource, and it says that nothing was made."""
    with pytest.raises(
        OperationError,
        match=r"up stopped by 1 policy violation\(s\):\n  aws-rds-no-public-access: .*database is public",
    ):
        outcome_of(policy("mandatory"), fails=True).require_success()


def test_an_advisory_violation_does_not() -> None:
    """It is for the reader."""
    assert outcome_of(policy("advisory"), summary(same=1)).require_success().violations == []


def test_stages_of_a_replacement_are_counted_once() -> None:
    """A replacement is one line to the reader."""
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
def test_the_engines_echoes_of_a_failure_are_left_out(text: str) -> None:
    """What was only cancelled says nothing, the program itself included; alone it is better than silence."""
    cause, echo = diagnostic("error", "subnet is full"), diagnostic("error", text)

    with pytest.raises(OperationError, match=r"^up failed:\n  [^\n]*subnet is full$"):
        outcome_of(cause, echo, fails=True).require_success()
    with pytest.raises(OperationError, match=re.escape(text.strip().splitlines()[-1])):
        outcome_of(echo, fails=True).require_success()


def test_the_outputs_are_those_of_the_stack() -> None:
    """Of the last event about it; a resource's outputs are none of its."""
    outcome = outcome_of(
        outputs("pulumi:pulumi:Stack", {"url": "http://old"}),
        outputs("aws:s3/bucket:Bucket", {"url": "none"}),
        outputs("pulumi:pulumi:Stack", {"url": "http://new"}),
    )

    assert outcome.outputs == {"url": "http://new"}


def outputs(type_: str, values: dict[str, str]) -> EngineEvent:
    """Return what an engine says when a resource is done."""
    urn = f"urn:pulumi:prod::drydock::{type_}::name"
    state = StepEventStateMetadata(type=type_, urn=urn, id="", parent="", provider="", outputs=values)
    metadata = StepEventMetadata(op=OpType.SAME, urn=urn, type=type_, provider="", new=state)
    return EngineEvent(sequence=1, timestamp=1, res_outputs_event=ResOutputsEvent(metadata=metadata))


def test_a_change_on_the_second_up_is_an_error() -> None:
    """It says what changed."""
    with pytest.raises(OperationError, match=r"2 resource\(s\) changed on a second up: 2 update, 5 same"):
        Outcome("up", counts=Counter(update=2, same=5)).require_no_changes()
    assert Outcome("up", counts=Counter(same=5)).require_no_changes() == "0 changes"
