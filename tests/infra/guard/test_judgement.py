"""Which hazards the entries of approvals.toml allow, and which entries are reported as wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.guard.approval import Approval
from infra.guard.judgement import Judgement, judge
from infra.guard.read import parse
from infra.review.hazard import Hazard, HazardKind

TODAY = date(2026, 11, 30)
STACKS = ("dev", "staging", "prod")
UNUSED = "unused: nothing in this change needs it for this resource"
NAMES = ("jobs", "jobs2", "job", "database", "a.b[0]")
HAZARDS = st.builds(
    Hazard,
    kind=st.sampled_from(HazardKind),
    urn=st.sampled_from([f"urn:pulumi:STACK::drydock::aws:sqs/queue:Queue::{name}" for name in NAMES]),
    what=st.just("its delete loses the messages"),
)


@st.composite
def found(draw: st.DrawFn) -> dict[str, list[Hazard]]:
    """Return stacks with their hazards, one for each URN and kind."""
    stacks = draw(st.lists(st.sampled_from(STACKS), min_size=1, unique=True))
    alike = draw(st.lists(HAZARDS, max_size=5, unique_by=lambda each: (each.urn, each.kind)))
    chosen = {stack: draw(st.lists(st.sampled_from(alike), unique=True)) if alike else [] for stack in stacks}
    return {
        stack: [replace(each, urn=each.urn.replace("STACK", stack)) for each in hazards]
        for stack, hazards in chosen.items()
    }


def completed(judgement: Judgement) -> list[Approval]:
    """Return the proposed entries with a reason and an owner."""
    toml = judgement.missing.replace('reason = ""', 'reason = "tested"').replace('owner = ""', 'owner = "me"')
    return parse(toml, STACKS, TODAY)


def entry(**changes: Any) -> Approval:
    """Return an entry for the queue of prod."""
    given: dict[str, Any] = {
        "stacks": ("prod",),
        "urn": "urn:pulumi:prod::drydock::aws:sqs/queue:Queue::jobs",
        "kind": HazardKind.STATEFUL_LOSS,
        "reason": "the queue is empty",
        "owner": "platform team",
        "expires": TODAY,
        "number": 1,
    }
    return Approval(**{**given, **changes})


LOSS = Hazard(kind=HazardKind.STATEFUL_LOSS, urn=entry().urn, what="its delete loses the messages")


def problems(hazards: Mapping[str, Sequence[Hazard]], *approvals: Approval, **more: Any) -> list[str]:
    """Return the texts of all problems."""
    return [each.text for each in judge(hazards, approvals, TODAY, **more).problems]


@given(found())
def test_the_proposed_entries_are_exactly_enough(hazards: dict[str, list[Hazard]]) -> None:
    """Without the entries no hazard is allowed; with them all are, and no entry is reported as too wide."""
    refused = judge(hazards, [], TODAY)
    assert refused.passed is not any(hazards.values())
    assert len(refused.refused) == sum(map(len, hazards.values()))

    accepted = judge(hazards, completed(refused), TODAY)
    assert accepted.passed
    assert accepted.missing == ""


@given(found().filter(lambda each: any(each.values())), st.data())
def test_an_entry_with_another_field_does_not_pass(hazards: dict[str, list[Hazard]], data: st.DataObject) -> None:
    """Each field that identifies the hazard counts, and the date."""
    approvals = completed(judge(hazards, [], TODAY))
    index = data.draw(st.integers(0, len(approvals) - 1))
    right = approvals[index]
    others = [kind for kind in HazardKind if kind is not right.kind]
    wrong = data.draw(
        st.one_of(
            st.sampled_from(others).map(lambda kind: replace(right, kind=kind)),
            st.integers(1, 400).map(lambda days: replace(right, expires=TODAY - timedelta(days=days))),
            st.sampled_from(["x", "*", "?", "::"]).map(lambda text: replace(right, urn=right.urn + text)),
            st.integers(1, len(right.urn) - 1).map(lambda end: replace(right, urn=right.urn[:end])),
            st.integers(0, len(right.urn) - 1).map(
                lambda at: replace(right, urn=f"{right.urn[:at]}*{right.urn[at + 1 :]}")
            ),
            st.just(replace(right, stacks=right.stacks[1:])),
        )
    )

    assert not judge(hazards, [*approvals[:index], wrong, *approvals[index + 1 :]], TODAY).passed


@given(found(), st.data())
def test_an_entry_too_many_does_not_pass(hazards: dict[str, list[Hazard]], data: st.DataObject) -> None:
    """Nothing in the change needs it."""
    approvals = completed(judge(hazards, [], TODAY))
    stack = data.draw(st.sampled_from(sorted(hazards)))
    more = entry(stacks=(stack,), urn=f"urn:pulumi:{stack}::drydock::aws:kms/key:Key::other", number=99)

    assert problems(hazards, *approvals, more) == [f"{UNUSED}; remove it"]
    assert not judge(hazards, [*approvals, more], TODAY).passed


@pytest.mark.parametrize(
    ("hazards", "approvals", "expected"),
    [
        ({"prod": [LOSS]}, [entry()], []),
        ({"prod": [LOSS]}, [entry(expires=date(2026, 11, 29))], ["expired on 2026-11-29; remove it"]),
        (
            {"prod": [LOSS]},
            [entry(kind=HazardKind.DOWNGRADE)],
            [f"{UNUSED}, which has the kind stateful-loss; remove it"],
        ),
        (
            {"prod": [LOSS]},
            [entry(), entry(reason="again", number=2)],
            ["unused: another entry allows the same; remove one of them"],
        ),
        (
            {"prod": [LOSS], "dev": []},
            [entry(stacks=("dev", "prod"), urn=LOSS.urn.replace(":prod:", ":{stack}:"))],
            ["wider than needed: dev does not need it; remove it from stacks"],
        ),
        ({"prod": [LOSS]}, [entry(stacks=("dev", "prod"), urn=LOSS.urn.replace(":prod:", ":{stack}:"))], []),
        ({"dev": []}, [entry()], []),
        ({"dev": []}, [entry(expires=date(2026, 11, 29))], []),
        (
            {"prod": [LOSS]},
            [entry(urn="urn:pulumi:prod::*jobs")],
            ["wider than needed: a URN names one resource, without * and ?; name each resource"],
        ),
    ],
)
def test_a_wrong_entry_is_told(
    hazards: Mapping[str, Sequence[Hazard]], approvals: list[Approval], expected: list[str]
) -> None:
    """Entries of stacks that are not checked are not judged."""
    assert problems(hazards, *approvals) == expected


@pytest.mark.parametrize("change", [{"expires": date(2026, 11, 29)}, {"urn": "urn:pulumi:prod::*jobs"}])
def test_what_is_needed_instead_is_shown(change: dict[str, Any]) -> None:
    """The problem has the entry to copy, for the resource that the wide or expired entry matches."""
    more = [replace(LOSS, urn=f"{LOSS.urn}-more"), replace(LOSS, kind=HazardKind.DOWNGRADE)]
    hazards = {"prod": [LOSS, *more], "dev": [LOSS]}
    (problem,) = judge(hazards, [entry(**change)], TODAY).problems

    assert problem.instead == (
        "[[approval]]\n"
        'stacks = ["prod"]\n'
        'urn = "urn:pulumi:prod::drydock::aws:sqs/queue:Queue::jobs"\n'
        'kind = "stateful-loss"\n'
        'reason = ""\n'
        'owner = ""\n'
        "expires = 2026-12-30\n"
    )


def test_an_entry_of_an_earlier_change_allows_nothing() -> None:
    """It stays until it expires, so that the merged change can still be deployed."""
    merged = entry(number=7)

    refused = judge({"prod": [LOSS]}, [entry()], TODAY, earlier=[merged])
    assert [each.hazard for each in refused.refused] == [LOSS]
    assert refused.problems == ()

    assert problems({"prod": []}, entry(), earlier=[merged]) == []
    old = entry(expires=date(2026, 11, 29))
    assert problems({"prod": []}, old, earlier=[old]) == ["expired on 2026-11-29; remove it"]
    assert judge({"prod": [LOSS]}, [entry(reason="again")], TODAY, earlier=[merged]).passed


def test_entries_of_stacks_that_are_compared_with_a_state_may_be_unused() -> None:
    """Their change may be deployed already."""
    both = entry(stacks=("dev", "prod"), urn="{stack}")

    assert problems({"prod": [], "dev": []}, both, strict=()) == []
    assert problems({"prod": [], "dev": []}, both, strict=("dev",)) == [f"{UNUSED}; remove it"]
