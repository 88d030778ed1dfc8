"""The comment on a pull request: one, from the newest runs for its current commit, whatever order they end in."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra.review.markdown import ALL_CHANGES
from tests.support.fake_gh import REPOSITORY, call
from tests.support.workflows import COMMENT, PREVIEW_AWS, load, scripts, steps

MARKER = "<!-- drydock:preview -->"
OFFLINE, DEPLOYED = "pull-request.yml", "preview-aws.yml"
COMMIT = "c" * 40
LINK = "[Preview against the deployed stacks](https://github.com/runs/2)"
BY = f"For {COMMIT}, by the code of this pull request."
PAGE = (
    "The artifact `changes` of [the run](https://github.com/runs/1#artifacts) is a page with the graph of each stack."
)


def run(number: int, **other: Any) -> dict[str, Any]:
    """Return a run for the pull request."""
    return {
        "id": number,
        "html_url": f"https://github.com/runs/{number}",
        "status": "completed",
        "conclusion": "success",
        "head_sha": COMMIT,
        "head_branch": "change",
        "head_repository": {"full_name": REPOSITORY},
        **other,
    }


def pull(**head: Any) -> dict[str, Any]:
    """Return the open pull request."""
    repository = {"full_name": REPOSITORY, "owner": {"login": "octo-org"}}
    return {"number": 7, "state": "open", "head": {"ref": "change", "sha": COMMIT, "repo": repository, **head}}


class GitHub:
    """A repository on GitHub with one pull request."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch, self.events = folder, patch, 0
        self.world: dict[str, Any] = {
            "pulls": [pull()],
            "runs": {OFFLINE: [run(1)], DEPLOYED: [run(2)]},
            "artifacts": {
                "1": {"preview": "### offline\n"},
                "2": {"preview-aws-dev": f"### dev\n\n{ALL_CHANGES}\n\nlist"},
            },
            "comments": [],
        }

    def post(self) -> object:
        """Run the script of the workflow after a run has ended; return why it ended early, else None."""
        self.events += 1
        temp = self.folder / str(self.events)
        temp.mkdir()
        (script,) = scripts(COMMENT, "python")
        for name, value in {
            "RUNNER_TEMP": str(temp),
            "GITHUB_REPOSITORY": REPOSITORY,
            "HEAD_REPOSITORY": REPOSITORY,
            "HEAD_BRANCH": "change",
        }.items():
            self.patch.setenv(name, value)
        self.patch.setattr(subprocess, "run", self._gh)
        try:
            exec(compile(script, COMMENT.name, "exec"), {"__name__": "__main__"})
        except SystemExit as ended:
            return ended.code
        finally:
            self.patch.undo()
        return None

    def _gh(self, command: list[str], *, check: bool, stdout: int, text: bool) -> subprocess.CompletedProcess[str]:
        assert (command[0], check, stdout, text) == ("gh", True, subprocess.PIPE, True)
        return subprocess.CompletedProcess(command, 0, call(self.world, *command[1:]))

    def body(self) -> str:
        """Run the script, and return the only comment."""
        assert self.post() is None
        (comment,) = self.world["comments"]
        return str(comment["body"])


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    return GitHub(tmp_path, monkeypatch)


def test_the_comment_has_both_previews(github: GitHub) -> None:
    """The review is first. Of the deployed stacks it has no list of all changes, which the summary of the run has."""
    assert github.body() == (
        f"{MARKER}\n\n### offline\n\n{BY}\n\n{PAGE}\n\n{LINK}, which lists all changes:\n\n### dev"
    )


@pytest.mark.parametrize("order", [(OFFLINE, DEPLOYED), (DEPLOYED, OFFLINE)])
def test_the_order_in_which_runs_end_makes_no_difference(github: GitHub, order: tuple[str, ...]) -> None:
    """The first one is posted alone; then the comment is updated, not repeated."""
    runs, github.world["runs"] = github.world["runs"], {}
    bodies = []
    for ended in order:
        github.world["runs"][ended] = runs[ended]
        bodies.append(github.body())

    assert [("### offline" in body, "### dev" in body) for body in bodies] == [
        (order[0] == OFFLINE, order[0] == DEPLOYED),
        (True, True),
    ]
    assert bodies[-1].index("### offline") < bodies[-1].index("### dev")


def test_the_name_of_the_artifact_is_that_of_the_workflow(github: GitHub) -> None:
    """For all stacks, in the order of their names."""
    (name,) = [step["with"]["name"] for step in steps(PREVIEW_AWS) if "upload-artifact@" in step.get("uses", "")]
    github.world["artifacts"]["2"] = {name.replace("${{ matrix.stack }}", stack): stack for stack in ("prod", "dev-2")}

    assert github.body().endswith(f"{LINK}, which lists all changes:\n\ndev-2\n\nprod")


def test_other_artifacts_are_not_posted(github: GitHub) -> None:
    """Such as a page that the run also leaves, or a preview on AWS in the other run."""
    github.world["artifacts"]["1"] |= {"preview-page": "other", "preview-aws-dev": "other"}
    github.world["artifacts"]["2"] |= {"preview": "other", "preview-aws-": "other"}

    assert "other" not in github.body()


@pytest.mark.parametrize(
    "other",
    [
        {"head_sha": "d" * 40},
        {"head_branch": "other"},
        {"head_repository": {"full_name": "fork/octo-repo"}},
    ],
)
def test_runs_for_something_else_are_ignored(github: GitHub, other: dict[str, Any]) -> None:
    """For an older commit, and for the same commit on another branch or in a fork."""
    github.world["runs"] = {OFFLINE: [run(3, **other), run(1)], DEPLOYED: [run(3, **other)]}
    github.world["artifacts"]["3"] = {"preview": "wrong", "preview-aws-dev": "wrong"}

    assert github.body() == f"{MARKER}\n\n### offline\n\n{BY}\n\n{PAGE}"


def test_the_newest_run_counts(github: GitHub) -> None:
    """A run may be started again."""
    github.world["runs"][OFFLINE].insert(0, run(4))
    github.world["artifacts"]["4"] = {"preview": "### again\n"}

    body = github.body()
    assert "### again" in body
    assert "### offline" not in body


def test_a_preview_on_aws_that_is_turned_off_is_not_mentioned(github: GitHub) -> None:
    """GitHub then skips the job."""
    github.world["runs"][DEPLOYED] = [run(2, conclusion="skipped")]

    assert "deployed" not in github.body()


@pytest.mark.parametrize(
    ("state", "said"),
    [({"status": "waiting", "conclusion": None}, "waiting"), ({"conclusion": "failure"}, "failure")],
)
def test_a_preview_on_aws_without_a_result_is_linked(github: GitHub, state: dict[str, Any], said: str) -> None:
    """Such as one that waits for a reviewer, or that the reviewer has rejected."""
    github.world["runs"][DEPLOYED] = [run(2, **state)]
    github.world["artifacts"]["2"] = {}

    assert github.body().endswith(f"\n\n{LINK}: no result ({said})")


def test_the_comment_is_not_too_long(github: GitHub) -> None:
    """GitHub accepts 65,536 characters. Each deployed stack has some room; the review is cut."""
    stacks = ("dev", "prod", "staging")
    github.world["artifacts"] = {
        "1": {"preview": "o" * 70_000},
        "2": {f"preview-aws-{stack}": f"### {stack} " + "d" * 70_000 for stack in stacks},
    }

    body = github.body()
    assert 60_000 < len(body) < 65_536
    assert all(f"### {stack} dddd" in body for stack in stacks)
    assert body.count("o") > 40_000


def test_a_long_review_loses_its_list_of_all_changes(github: GitHub) -> None:
    """Only if there is no room for it; what is before it, such as the risks, stays whole."""
    github.world["artifacts"]["1"] = {"preview": f"### offline\n\n{ALL_CHANGES}\n\n" + "o" * 63_500}

    assert f"### offline\n\n{BY}" in github.body()


def test_only_its_own_comment_is_changed(github: GitHub) -> None:
    """Not one of somebody who writes the same marker, nor another one of the same bot."""
    others = [
        {"id": 1, "user": {"login": "somebody"}, "body": f"{MARKER} mine"},
        {"id": 2, "user": {"login": "github-actions[bot]"}, "body": f"Another one, about {MARKER}"},
    ]
    github.world["comments"] = [*others]

    for _ in range(2):
        assert github.post() is None

    assert github.world["comments"][:2] == others
    assert [each["body"].startswith(MARKER) for each in github.world["comments"][2:]] == [True]


def test_a_link_in_an_artifact_is_refused(github: GitHub) -> None:
    """It could lead to a file of the runner."""
    github.world["artifacts"]["1"]["preview"] = None

    assert github.post() == "preview has no plain file comment.md"
    assert github.world["comments"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"runs": {}},
        {"artifacts": {}, "runs": {OFFLINE: [run(1)]}},
        {"pulls": []},
        {"pulls": [pull() | {"state": "closed"}]},
        {"pulls": [pull(repo={"full_name": "octo-org/fork", "owner": {"login": "octo-org"}})]},
    ],
)
def test_nothing_is_posted_without_a_preview_or_a_pull_request(github: GitHub, change: dict[str, Any]) -> None:
    """That is no error: a run may fail before it previews, and a pull request may be closed."""
    github.world |= change

    assert github.post() is None
    assert github.world["comments"] == []


def test_it_runs_after_each_run_for_a_pull_request_that_was_not_skipped() -> None:
    """Also after a cancelled one, because a run of this workflow cancels the one before it, whose work it has to do."""
    workflow = load(COMMENT)
    condition = workflow["jobs"]["comment"]["if"]

    assert workflow["concurrency"]["cancel-in-progress"] is True
    assert condition == (
        "${{ github.event.workflow_run.event == 'pull_request' && github.event.workflow_run.conclusion != 'skipped' }}"
    )
