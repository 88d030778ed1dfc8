"""The form of approvals.toml: what is accepted, and one clear message for everything else."""

from datetime import date
from pathlib import Path

import pytest

from infra.errors import InputError
from infra.guard.approval import Approval
from infra.guard.read import parse, read
from infra.review.hazard import HazardKind

TODAY = date(2026, 11, 30)
STACKS = ["dev", "staging", "prod"]
QUEUE = "urn:pulumi:prod::drydock::aws:sqs/queue:Queue::jobs"
ENTRY = f"""
[[approval]]
stacks = ["prod"]
urn = "{QUEUE}"
kind = "stateful-loss"
reason = "the queue is empty"
owner = "platform team"
expires = 2027-02-28
"""


def test_an_entry_is_read() -> None:
    """Its number is its position."""
    found = parse(ENTRY + ENTRY.replace('["prod"]', '["dev", "prod"]'), STACKS, TODAY)

    expected = Approval(
        stacks=("prod",),
        urn=QUEUE,
        kind=HazardKind.STATEFUL_LOSS,
        reason="the queue is empty",
        owner="platform team",
        expires=date(2027, 2, 28),
    )
    assert found[0] == expected
    assert [(each.number, each.stacks) for each in found] == [(1, ("prod",)), (2, ("dev", "prod"))]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[approval]]", "[[approval", "approvals.toml: not valid TOML: "),
        ("[[approval]]", "[[approvals]]", "approvals.toml: approvals: only tables [[approval]] are accepted"),
        ("[[approval]]", "[approval]", "approvals.toml: approval: only tables [[approval]] are accepted"),
        (
            "expires",
            "until = 1\nexpires",
            "entry 1: until is not accepted; an entry has stacks, urn, kind, reason, owner",
        ),
        ('reason = "the queue is empty"', 'reason = " "', "entry 1: reason must be a text that is not empty, not ' '"),
        ('owner = "platform team"', "", "entry 1: owner must be a text that is not empty, not None"),
        ("platform team", "platform\\u001b[2K team", "entry 1: owner has control characters: 'platform\\x1b[2K team'"),
        (f'urn = "{QUEUE}"', "urn = 3", "entry 1: urn must be a text that is not empty, not 3"),
        ('["prod"]', '"prod"', "entry 1: stacks must be a list of different stacks, such as [\"dev\"], not 'prod'"),
        ('["prod"]', "[]", "entry 1: stacks must be a list of different stacks"),
        ('["prod"]', '["prod", "prod"]', "entry 1: stacks must be a list of different stacks"),
        ('["prod"]', '["prd"]', "entry 1: stacks: there is no stack 'prd'; did you mean prod?"),
        ('["prod"]', '["*"]', "entry 1: stacks: there is no stack '*'; there are: dev, staging, prod"),
        (
            "stateful-loss",
            "statefull-loss",
            "entry 1: kind: 'statefull-loss' is not a kind of hazard; did you mean stateful-loss?",
        ),
        ("stateful-loss", "*", "entry 1: kind: '*' is not a kind of hazard; there are: stateful-loss, protection-loss"),
        ("2027-02-28", '"2027-02-28"', "entry 1: expires must be a date, such as 2026-12-30, not '2027-02-28'"),
        ("2027-02-28", "2027-02-28T00:00:00", "entry 1: expires must be a date"),
        (
            "2027-02-28",
            "2027-03-01",
            "entry 1: expires: 2027-03-01 is more than 90 days away; accepted: until 2027-02-28",
        ),
    ],
)
def test_a_wrong_entry_is_one_message(old: str, new: str, message: str) -> None:
    """It says what is wrong, where, and what is accepted."""
    assert old in ENTRY

    with pytest.raises(InputError) as raised:
        parse(ENTRY.replace(old, new), STACKS, TODAY)

    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["approval = 3", "approval = [1]", "approval = {}"])
def test_approvals_that_are_no_tables_are_refused(text: str) -> None:
    """TOML accepts other values there."""
    with pytest.raises(InputError, match=r"approvals\.toml: approval: only tables \[\[approval\]\] are accepted"):
        parse(text, STACKS, TODAY)


def test_a_reason_may_have_several_lines_and_the_file_a_byte_order_mark() -> None:
    """As editors write them."""
    [found] = parse("\ufeff" + ENTRY.replace('"the queue is empty"', '"""\nis\n\tempty"""'), STACKS, TODAY)

    assert found.reason == "is\n\tempty"


def test_no_file_has_no_entries(tmp_path: Path) -> None:
    """A folder in its place is an error."""
    assert read(tmp_path / "approvals.toml", STACKS, TODAY) == []

    with pytest.raises(InputError, match=r"approvals\.toml: cannot be read: Is a directory"):
        read(tmp_path, STACKS, TODAY)

    (tmp_path / "approvals.toml").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"approvals\.toml: cannot be read: 'utf-8' codec can't decode"):
        read(tmp_path / "approvals.toml", STACKS, TODAY)
