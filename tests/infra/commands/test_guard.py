"""`drydock guard`, with plans that are given."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.commands import guard as command
from infra.difference import revision
from infra.difference.compare import Comparison
from infra.difference.revision import Base
from infra.errors import InputError, OperationError
from infra.review import Plan, plan_from_events
from tests.infra.difference.test_revision import commit, git
from tests.infra.review.built import step

QUEUE = "aws:sqs/queue:Queue"
URN = f"urn:pulumi:prod::drydock::{QUEUE}::jobs"
ENTRY = f"""[[approval]]
stacks = ["prod"]
urn = "{URN}"
kind = "stateful-loss"
reason = "the queue is empty"
owner = "platform team"
expires = {datetime.now(UTC).date() + timedelta(days=9)}
"""
Given = Callable[..., None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Given:
    """Return a function that sets the plan of prod, the file of approvals, and that of the commit."""

    def give(plan: Plan, approvals: str = "", earlier: str | None = None) -> None:
        root = tmp_path / str(len(list(tmp_path.iterdir())))
        root.mkdir()
        git(root, "init", "--quiet", "--initial-branch=main")
        base = Base(commit=commit(root, **{"approvals.toml": earlier or ""}), why="main")
        (root / "approvals.toml").write_text(approvals)
        compared = () if earlier is None else ("prod",)
        found = Comparison(plans={"prod": plan}, commit=base if compared else None, with_commit=compared)
        monkeypatch.setattr(command, "ROOT", root)
        monkeypatch.setattr(command, "stack_names", lambda: ["dev", "prod"])
        monkeypatch.setattr(command, "compared", lambda *_: found)
        monkeypatch.setattr(command.revision, "text_of", lambda at, name: revision_text(at, name, root))

    return give


revision_text = revision.text_of
LOSES = plan_from_events([step("delete", QUEUE, "jobs", old={})], base="commit 1")
HARMLESS = plan_from_events(
    [step("update", QUEUE, "jobs", old={"delaySeconds": 1}, new={"delaySeconds": 2})], base="commit 1"
)


def test_a_hazard_fails_until_an_entry_allows_it(given: Given, capsys: pytest.CaptureFixture[str]) -> None:
    """The report is on stdout."""
    given(LOSES, earlier="")
    with pytest.raises(OperationError, match="1 hazard not allowed"):
        command.guard(quiet=True)
    shown = capsys.readouterr().out
    assert f'urn = "{URN}"' in shown
    assert shown.splitlines()[1] == "note: prod: compared with commit 1"

    given(LOSES, ENTRY, earlier="")
    command.guard(quiet=True)
    assert "[allowed by platform team]" in capsys.readouterr().out


def test_an_entry_of_the_base_does_not_allow_it_again(given: Given) -> None:
    """It was for another change."""
    given(LOSES, ENTRY, earlier=ENTRY)

    with pytest.raises(OperationError, match="1 hazard not allowed"):
        command.guard(quiet=True)


def test_a_file_of_the_base_that_is_not_valid_has_no_earlier_entries(given: Given) -> None:
    """The change may be the one that mends it."""
    given(LOSES, ENTRY, earlier=f"{ENTRY}oops = 1\n")

    command.guard(quiet=True)


def test_an_unused_entry_fails_only_beside_a_commit(given: Given, capsys: pytest.CaptureFixture[str]) -> None:
    """Compared with a state, its change may be deployed already."""
    given(HARMLESS, ENTRY, earlier="")
    with pytest.raises(OperationError, match=r"1 entry of approvals\.toml to change"):
        command.guard(quiet=True)

    given(HARMLESS, ENTRY)
    command.guard(quiet=True)
    assert capsys.readouterr().out.splitlines()[-2] == "✅ no hazards"


@pytest.mark.parametrize("options", [{}, {"as_json": True}, {"markdown": True}])
def test_a_preview_that_failed_never_passes(given: Given, options: dict[str, Any]) -> None:
    """Its plan may lack hazards."""
    given(replace(HARMLESS, errors=("no such zone",)), earlier="")

    with pytest.raises(OperationError, match="the preview of prod failed:\n  prod: no such zone"):
        command.guard(quiet=True, **options)


def test_stacks_with_the_same_base_are_one_note(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another base is another one."""
    plans = {"dev": HARMLESS, "prod": HARMLESS, "new": replace(HARMLESS, base="state in new.json")}
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "compared", lambda *_: Comparison(plans=plans))

    command.guard(quiet=True)

    assert capsys.readouterr().out == (
        "✅ no hazards\nnote: dev, prod: compared with commit 1\nnote: new: compared with state in new.json\n"
    )


def test_json_and_markdown_are_alternatives(given: Given, capsys: pytest.CaptureFixture[str]) -> None:
    """Both use stdout."""
    given(LOSES, ENTRY, earlier="")
    command.guard(quiet=True, as_json=True)
    assert json.loads(capsys.readouterr().out)["passed"] is True

    command.guard(quiet=True, markdown=True)
    assert capsys.readouterr().out.startswith("<!-- drydock:guard -->\n\n### ✅")

    with pytest.raises(InputError, match="--json and --markdown both use stdout"):
        command.guard(as_json=True, markdown=True)
