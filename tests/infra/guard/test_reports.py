"""The report of the guard in each format."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from infra.guard.comment import comment
from infra.guard.judgement import Judgement, judge
from infra.guard.reports import to_json, to_markdown, to_text
from infra.review import plan_from_events
from infra.review.hazard import Hazard, HazardKind
from infra.review.plan import Finding
from tests.infra.guard.test_judgement import LOSS, TODAY, entry
from tests.infra.review.built import step

IN_DEV = Hazard(kind=LOSS.kind, urn=LOSS.urn.replace(":prod:", ":dev:"), what=LOSS.what)
HARMLESS = plan_from_events([])
SIDE_BY_SIDE = {"dev": [IN_DEV], "prod": [LOSS]}


def judged(*approvals: Any) -> Judgement:
    """Return the result for the same hazard in two stacks."""
    return judge(SIDE_BY_SIDE, approvals, TODAY)


def test_the_text_shows_what_to_add() -> None:
    """The same hazard of two stacks is listed once."""
    assert to_text(judged(), ["dev: compared with commit 1"]) == (
        "⛔ 1 hazard not allowed\n"
        "note: dev: compared with commit 1\n"
        "\n"
        "dev, prod: stateful-loss  [not allowed]\n"
        "  aws:sqs/queue:Queue::jobs\n"
        "  its delete loses the messages\n"
        "\n"
        "To allow it, add this to approvals.toml, with a reason and an owner:\n"
        "\n"
        "[[approval]]\n"
        'stacks = ["dev", "prod"]\n'
        'urn = "urn:pulumi:{stack}::drydock::aws:sqs/queue:Queue::jobs"\n'
        'kind = "stateful-loss"\n'
        'reason = ""\n'
        'owner = ""\n'
        "expires = 2026-12-30\n"
    )


@pytest.mark.parametrize(
    ("approvals", "verdict"),
    [
        ([], "⛔ 1 hazard not allowed"),
        ([entry()], "⛔ 1 hazard not allowed"),
        (
            [entry(stacks=("dev", "prod"), urn="urn:pulumi:{stack}::drydock::aws:sqs/queue:Queue::jobs")],
            "✅ 1 hazard, all allowed",
        ),
        (
            [entry(expires=date(2026, 1, 1)), entry(urn="urn:pulumi:prod::x")],
            "⛔ 1 hazard not allowed, 2 entries of approvals.toml to change",
        ),
    ],
)
def test_the_verdict_is_first(approvals: list[Any], verdict: str) -> None:
    """Both for a reader of the terminal and of the comment."""
    assert to_text(judged(*approvals)).splitlines()[0] == verdict
    lines = comment(judged(*approvals), {"dev": HARMLESS, "prod": HARMLESS}).splitlines()
    assert lines[:3] == ["<!-- drydock:guard -->", "", f"### {verdict}"]


def test_no_hazards_are_one_line() -> None:
    """Nothing is to be done."""
    assert to_text(judge({"dev": []}, [], TODAY)) == "✅ no hazards\n"
    assert to_markdown(judge({"dev": []}, [], TODAY)) == ""


def test_an_allowed_hazard_names_its_owner() -> None:
    """Only the other one is to be added."""
    text, page = to_text(judged(entry())), to_markdown(judged(entry()))

    assert "prod: stateful-loss  [allowed by platform team]" in text
    assert 'stacks = ["dev"]\nurn = "urn:pulumi:dev::' in text
    assert "| prod | stateful-loss | `jobs` | its delete loses the messages | ✅ platform team |" in page
    assert "| dev | stateful-loss | `jobs` | its delete loses the messages | ⛔ no |" in page


def test_what_is_not_allowed_is_first() -> None:
    """Whatever the order of the stacks is."""
    text = to_text(judged(entry(stacks=("dev",), urn=IN_DEV.urn)))

    assert text.index("prod: stateful-loss  [not allowed]") < text.index(
        "dev: stateful-loss  [allowed by platform team]"
    )


def test_a_migration_is_named_by_its_path() -> None:
    """It has no URN."""
    path = "app/migrations/versions/0003.py"
    hazard = Hazard(kind=HazardKind.DESTRUCTIVE_MIGRATION, urn=path, what="drops a table")
    found = judge({"dev": [hazard], "prod": [hazard]}, [], TODAY)

    assert f"dev, prod: destructive-migration  [not allowed]\n  {path}\n  drops a table\n" in to_text(found)
    assert f'stacks = ["dev", "prod"]\nurn = "{path}"\n' in found.missing


def test_an_unused_entry_is_told_without_another_one() -> None:
    """There is nothing to allow."""
    unused = judge({"prod": []}, [entry(number=1)], TODAY)

    assert to_text(unused) == (
        "⛔ 1 entry of approvals.toml to change\n"
        "\n"
        f"approvals.toml: entry 1 (stateful-loss of {LOSS.urn}): "
        "unused: nothing in this change needs it for this resource; remove it\n"
    )


def test_a_wrong_entry_is_told_with_what_is_needed() -> None:
    """The block to copy has it too."""
    wrong = judge({"prod": [LOSS]}, [entry(urn="urn:pulumi:prod::*jobs", number=3)], TODAY)

    line = (
        "approvals.toml: entry 3 (stateful-loss of urn:pulumi:prod::*jobs): wider than needed: a URN names one resource"
    )
    assert line in to_text(wrong)
    assert "- entry 3 (stateful-loss of urn:pulumi:prod::*jobs): wider than needed" in to_markdown(wrong)
    assert to_markdown(wrong).count("```") == 2


def test_the_comment_has_the_hazards_the_policies_and_the_changes() -> None:
    """In this order, with the verdict first; the same violation of two stacks is listed once."""
    finding = Finding(
        rule="aws-s3-versioned",
        level="mandatory",
        urn="urn:pulumi:dev::drydock::aws:s3/bucket:Bucket::logs",
        message="Every bucket must keep versions.\nlogs (aws:s3/bucket:Bucket): has no versioning. Remedy: add it",
    )
    advice = replace(finding, level="advisory")
    change = plan_from_events([step("update", "aws:sqs/queue:Queue", "jobs", old={"a": 1}, new={"a": 2})])
    plans = {
        "dev": replace(change, judged=True, findings=(finding, advice)),
        "prod": replace(change, judged=True, findings=(finding,)),
        "staging": replace(change, judged=True, findings=(advice,)),
    }

    page = comment(judged(), plans)

    assert page.splitlines()[2] == "### ⛔ 1 hazard not allowed; ⛔ 2 policy violations in dev, prod"
    assert "- dev: policies: 1 violation, 1 advisory\n- prod: policies: 1 violation, 0 advisories\n" in page
    order = [
        "- dev: ⛔ blocked by 1 policy violation",
        "#### Hazards",
        "| stateful-loss |",
        "<details><summary>To allow it, add this to approvals.toml",
        "#### Policy violations",
        "dev, prod: Policy: **1** mandatory",
        "#### Changes",
        "<details><summary>dev, prod, staging: the same 1 change",
    ]
    assert [page.index(each) for each in order] == sorted(page.index(each) for each in order)
    assert page.count("has no versioning") == 1


def test_the_comment_names_the_stacks_whose_preview_failed() -> None:
    """Their hazards are not known."""
    failed = replace(HARMLESS, errors=("the program raised an error",))

    page = comment(judge({"dev": [], "prod": []}, [], TODAY), {"dev": failed, "prod": HARMLESS})

    assert page.splitlines()[2] == "### ⛔ the preview of dev failed"
    assert "- error: dev: the program raised an error" in page


def test_a_comment_has_a_limited_length() -> None:
    """However many hazards there are, and whatever their names contain."""
    many = [
        Hazard(
            kind=HazardKind.DOWNGRADE, urn=f"urn:pulumi:prod::drydock::t::{'`|<b>@me' * 20}{number}", what="@all | <i>"
        )
        for number in range(2000)
    ]

    queues = [step("delete", "aws:sqs/queue:Queue", f"{'q|<b>@me' * 9}{number}", old={}) for number in range(900)]
    page = comment(judge({"prod": many}, [], TODAY), {"prod": plan_from_events(queues)})

    assert len(page) < 61_000
    assert page.splitlines()[2] == "### ⛔ 2000 hazards not allowed"
    assert "| Risk | Operation" in page.replace("| Risk | Stacks | Operation", "| Risk | Operation")
    assert page.count("<details>") == page.count("</details>") == 1
    assert page.count("```") % 2 == 0
    assert "<i>" not in page


def test_the_json_has_each_hazard_of_each_stack() -> None:
    """A preview that failed never passes."""
    found = to_json(judged(entry()), {"dev": [], "prod": []})

    assert json.loads(json.dumps(found)) == {
        "passed": False,
        "hazards": [
            {
                "stack": "dev",
                "kind": "stateful-loss",
                "urn": IN_DEV.urn,
                "what": LOSS.what,
                "allowed": False,
                "owner": None,
            },
            {
                "stack": "prod",
                "kind": "stateful-loss",
                "urn": LOSS.urn,
                "what": LOSS.what,
                "allowed": True,
                "owner": "platform team",
            },
        ],
        "problems": [],
        "missing": found["missing"],
        "errors": {"dev": [], "prod": []},
    }
    assert to_json(judge({"dev": []}, [], TODAY), {"dev": []})["passed"] is True
    assert to_json(judge({"dev": []}, [], TODAY), {"dev": ["it failed"], "prod": []})["passed"] is False
