"""The plan of a preview as markdown, for a comment on a pull request."""

import os
from pathlib import Path

import pytest

from infra.review import one_comment, plan_from_events, to_markdown
from infra.review.markdown import ALL_CHANGES, MAX_CHARACTERS
from tests.infra.review.built import UNKNOWN, error, policy, step
from tests.infra.review.scenes import SCENES

GOLDEN = Path(__file__).parent / "golden"
GITHUB_LIMIT = 65_536
VPC = "aws:ec2/vpc:Vpc"
VERDICTS = {
    "nothing": "✅ no changes",
    "routine": "✅ 2 routine changes",
    "dangerous": "⛔ data loss possible in 1 resource",
    "blocked": "⛔ blocked by 1 policy violation",
    "failed": "⛔ the preview failed",
}


@pytest.mark.parametrize("scene", SCENES)
def test_equals_the_golden_file(scene: str) -> None:
    """UPDATE_GOLDEN=1 writes the files again, for a reviewer to read."""
    text = to_markdown(plan_from_events(SCENES[scene]), "prod", base="empty state, no credentials")
    golden = GOLDEN / f"{scene}.md"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)

    assert text == golden.read_text()


@pytest.mark.parametrize("scene", SCENES)
def test_begins_with_its_marker_and_its_verdict(scene: str) -> None:
    """The next preview finds the comment by the marker; the verdict is the heading."""
    first, second, *_ = to_markdown(plan_from_events(SCENES[scene]), "prod").splitlines()

    assert first == "<!-- drydock:preview:prod -->"
    assert second == f"### `prod`: {VERDICTS[scene]}"


def _many(number: int, op: str = "create") -> list[object]:
    inputs = {f"property{key}": "x" * 90 for key in range(20)}
    paths = dict.fromkeys(inputs, "update")
    return [
        step(op, VPC, f"vpc-{index}-{'n' * 60}", old=inputs, new=dict.fromkeys(inputs, UNKNOWN), diff=paths)
        for index in range(number)
    ]


@pytest.mark.parametrize("op", ["update", "replace"])
@pytest.mark.parametrize("number", [10, 300, 900])
def test_is_not_longer_than_github_allows(op: str, number: int) -> None:
    """It is shortened for any number and length of changes, errors and findings."""
    events = _many(number, op)
    events += [error(f"{index} {'e' * 5000}") for index in range(50)]
    events += [policy(f"rule-{index}", "mandatory", "m" * 5000, "") for index in range(200)]
    text = to_markdown(plan_from_events(events), "prod")  # type: ignore[arg-type]

    assert len(text) <= MAX_CHARACTERS < GITHUB_LIMIT
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0


def test_counts_the_changes_that_it_leaves_out() -> None:
    """The line has the command that shows them."""
    text = to_markdown(plan_from_events(_many(300)), "prod")  # type: ignore[arg-type]

    assert "300 more changes omitted; `drydock preview prod --json` prints all changes." in text


def test_escapes_markup() -> None:
    """Names, values and messages may come from a fork."""
    nasty = "`|<img src=x>|\n@octocat [a](http://b)"
    event = step("update", VPC, nasty.replace("\n", ""), old={"a": "b"}, new={"a": nasty}, diff={"a": "update"})
    text = to_markdown(plan_from_events([event, policy("a-b-c", "advisory", nasty, "")]), "prod")

    [row] = [line for line in text.splitlines() if line.startswith("| update")]
    assert row.replace("\\|", "").count("|") == 4
    assert "<img" not in text.replace("`'\\|<img", "")
    [finding] = [line for line in text.splitlines() if line.startswith("- ⚠️")]
    assert "@" not in finding
    assert "[" not in finding


def test_one_comment_joins_short_previews() -> None:
    """They follow each other without changes."""
    assert one_comment(["a\n", "b\n"]) == "a\n\nb\n"


def test_one_comment_drops_lists_before_risks() -> None:
    """The longest preview loses its list of changes; the others keep theirs."""
    long = f"### dev\nrisks of dev\n{ALL_CHANGES}\n" + "x" * MAX_CHARACTERS
    short = f"### prod\nrisks of prod\n{ALL_CHANGES}\nall of prod\n"

    text = one_comment([long, short])

    assert len(text) <= MAX_CHARACTERS
    assert "risks of dev" in text
    assert "all of prod" in text
    assert "it is in the summary of the job" in text


def test_one_comment_is_never_too_long() -> None:
    """It is shortened even if there are only risks, and many stacks."""
    text = one_comment(["### stack\n```text\n" + "risk\n" * 20_000] * 9)

    assert len(text) <= MAX_CHARACTERS
    assert text.count("### stack") == 9
    assert text.count("```") % 2 == 0
