"""The workflows: least permissions, pinned actions, and existing commands only."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.engine.places import ROOT
from tests.support.workflows import COMMENT, FILES, PREVIEW_AWS, PULL_REQUEST, load, scripts, steps

ON_AWS = ROOT / "docs" / "on-aws.md"
# All permissions of the jobs. An additional one has to be added here.
RIGHTS = {
    PULL_REQUEST.name: {
        "toolchain": {"contents": "read"},
        "check": {"contents": "read"},
        "review": {"contents": "read"},
    },
    PREVIEW_AWS.name: {"preview": {"contents": "read", "id-token": "write"}},
    COMMENT.name: {"comment": {"actions": "read", "pull-requests": "write"}},
}
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def test_the_only_workflows_are_for_pull_requests_and_their_comment() -> None:
    """An additional workflow has to be added to these tests."""
    assert {path.name for path in FILES} == set(RIGHTS)


@every_file
def test_each_job_has_the_least_permissions(path: Path) -> None:
    """They are explicit, and those of the table."""
    workflow = load(path)

    rights = {name: job.get("permissions", workflow["permissions"]) for name, job in workflow["jobs"].items()}

    assert rights == RIGHTS[path.name]


@every_file
def test_every_action_is_pinned_to_a_commit(path: Path) -> None:
    """A tag can be moved. A comment has the version of the commit."""
    lines = [line.strip().removeprefix("- ") for line in path.read_text().splitlines()]
    uses = [line for line in lines if line.startswith("uses:")]

    assert [line for line in uses if not PINNED.fullmatch(line)] == []
    assert len(uses) == sum("uses" in step for step in steps(path))


@every_file
def test_each_action_has_one_version(path: Path) -> None:
    """So an update changes all places."""
    versions: dict[str, set[str]] = {}
    for step in steps(path):
        if "uses" in step:
            name, _, commit = step["uses"].partition("@")
            versions.setdefault(name, set()).add(commit)

    assert {name: commits for name, commits in versions.items() if len(commits) > 1} == {}


@every_file
def test_jobs_have_a_time_limit_and_a_concurrency_group(path: Path) -> None:
    """The limit is at most an hour."""
    workflow = load(path)

    assert all(0 < job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())
    assert workflow["concurrency"]["group"]


@every_file
def test_scripts_have_no_expressions(path: Path) -> None:
    """The name of a branch could contain a command, so such values are passed as environment variables."""
    assert [script for script in scripts(path) if "${{" in script] == []


@every_file
def test_scripts_have_valid_syntax(path: Path) -> None:
    """Those in Bash and in Python; there are no others."""
    for script in scripts(path, "bash"):
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    for script in scripts(path, "python"):
        ast.parse(script)

    assert len(scripts(path)) == len(scripts(path, "bash", "python"))


@every_file
def test_scripts_use_existing_commands(path: Path) -> None:
    """Targets of the Makefile, and commands of infra/commands."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {command.stem for command in (ROOT / "infra" / "commands").glob("*.py")}
    text = "\n".join(scripts(path))

    assert set(re.findall(r"\bmake ([a-z-]+)", text)) <= targets
    assert set(re.findall(r"\bdrydock ([a-z-]+)", text)) <= commands


def test_pull_requests_run_tests_linters_policies_and_the_guard() -> None:
    """With the commands of the repository."""
    text = "\n".join(scripts(PULL_REQUEST))

    for command in ("make test", "make lint", "drydock policy", "drydock guard"):
        assert command in text


def test_the_workflow_that_runs_the_change_has_no_credentials() -> None:
    """It has no secret and no cloud token, and the checkout does not keep the token of the repository."""
    text = PULL_REQUEST.read_text()
    checkouts = [step for step in steps(PULL_REQUEST) if step.get("uses", "").startswith("actions/checkout@")]

    assert "pull_request" in load(PULL_REQUEST)["on"]
    assert not re.search(r"secrets\.|id-token|github\.token|pull_request_target", text)
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_cache_of_the_tools_depends_on_their_pins() -> None:
    """All jobs use the same key, which has the hash of tools/."""
    keys = [step["with"]["key"] for step in steps(PULL_REQUEST) if step.get("uses", "").startswith("actions/cache@")]

    assert len(keys) == len(load(PULL_REQUEST)["jobs"])
    assert len(set(keys)) == 1
    assert "hashFiles('tools/**')" in keys[0]


def test_the_workflow_that_comments_does_not_run_code_of_the_change() -> None:
    """It has no checkout and no action, and starts after the runs for the pull request."""
    workflow = load(COMMENT)
    names = [load(path)["name"] for path in (PULL_REQUEST, PREVIEW_AWS)]

    assert workflow["on"] == {"workflow_run": {"workflows": names, "types": ["completed"]}}
    assert [step for step in steps(COMMENT) if "uses" in step] == []
    assert "git " not in "\n".join(scripts(COMMENT))


def _review_step(folder: Path, drydock: str) -> subprocess.CompletedProcess[str]:
    """Run the review step with a fake `drydock`."""
    commands = folder / ".venv" / "bin"
    commands.mkdir(parents=True)
    (commands / "drydock").write_text(f"#!/bin/sh\n{drydock}\n")
    (commands / "drydock").chmod(0o755)
    [script] = [script for script in scripts(PULL_REQUEST) if "drydock guard" in script]
    environment = os.environ | {
        "RUNNER_TEMP": str(folder / "temp"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GITHUB_BASE_REF": "main",
    }
    (folder / "temp").mkdir()
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)


@pytest.mark.parametrize("code", [0, 1])
def test_the_comment_is_what_the_guard_prints(tmp_path: Path, code: int) -> None:
    """Compared with the branch that the pull request is for. A hazard fails the job, after the comment is written."""
    done = _review_step(tmp_path, f'echo "### $*"; echo progress >&2; exit {code}')
    comment = (tmp_path / "temp" / "review" / "comment.md").read_text()

    assert done.returncode == code, done.stderr
    assert comment == f"### guard --base origin/main --markdown --html {tmp_path}/temp/changes.html\n"
    assert (tmp_path / "summary.md").read_text() == comment
    assert done.stdout == "progress\n"


def test_a_guard_that_fails_without_a_comment_is_reported(tmp_path: Path) -> None:
    """The comment has the reason, such as an invalid setting."""
    done = _review_step(tmp_path, 'echo "network.cidr: wrong" >&2; exit 2')

    assert done.returncode == 1
    assert (tmp_path / "temp" / "review" / "comment.md").read_text() == (
        "### ⛔ there is no review\n\n```text\nnetwork.cidr: wrong\n```\n"
    )


def test_the_review_has_the_commit_to_compare_with() -> None:
    """The checkout has all branches, and the steps of the review run for pull requests only."""
    job = load(PULL_REQUEST)["jobs"]["review"]
    checkout, *_ = job["steps"]

    assert checkout["with"]["fetch-depth"] == 0
    conditions = {
        step["with"]["name"]: step["if"] for step in job["steps"] if "upload-artifact@" in step.get("uses", "")
    }
    wanted = "${{ !cancelled() && github.event_name == 'pull_request' }}"
    assert conditions == {"preview": wanted, "changes": wanted}


def _documented() -> tuple[str, dict[str, Any]]:
    """Return the text of the workflow in docs/on-aws.md, and its job."""
    (text,) = re.findall(r"^```yaml\n(name: Deploy\n.*?)^```$", ON_AWS.read_text(), re.DOTALL | re.MULTILINE)
    (job,) = yaml.safe_load(text)["jobs"].values()
    return text, job


def test_the_documented_deployment_pins_the_actions_that_the_workflows_use() -> None:
    """Each action has a commit and its version, and an action of both has the same ones."""
    uses = re.findall(r"uses: .+", _documented()[0])
    shipped = dict(re.findall(r"uses: (\S+)@(.+)", PULL_REQUEST.read_text()))

    assert [line for line in uses if not PINNED.fullmatch(line)] == []
    assert {
        name for name, pin in re.findall(r"uses: (\S+)@(.+)", "\n".join(uses)) if shipped.get(name, pin) != pin
    } == set()


def test_the_documented_deployment_has_no_finding_of_the_linter(tmp_path: Path) -> None:
    """`make lint` checks those in .github/workflows in the same way."""
    path = tmp_path / "deploy.yml"
    path.write_text(_documented()[0])
    linter = [Path(sys.executable).parent / "zizmor", "--offline", "--no-progress"]
    broken = tmp_path / "broken.yml"
    broken.write_text(re.sub(r"@[0-9a-f]{40}", "@v1", path.read_text()))

    found = subprocess.run([*linter, path], capture_output=True, text=True, check=False)
    more = subprocess.run([*linter, broken], capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout
    assert "unpinned-uses" in more.stdout


def test_the_documented_deployment_assumes_the_deploy_role_of_its_environment() -> None:
    """The role trusts jobs of the environment. Its sessions last two hours at most, as the bootstrap sets."""
    job = _documented()[1]
    (assumed,) = [step["with"] for step in job["steps"] if "aws-actions/" in step.get("uses", "")]

    assert job["environment"] == "${{ inputs.stack }}"
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert assumed["role-to-assume"].endswith(":role/drydock-${{ inputs.stack }}-deploy")
    assert assumed["role-duration-seconds"] == 60 * job["timeout-minutes"] == 7200


def test_the_documented_deployment_runs_existing_commands_without_a_prompt() -> None:
    """Without expressions, which could contain commands; there is no terminal to confirm the plan."""
    scripts = [step["run"] for step in _documented()[1]["steps"] if "run" in step]

    assert scripts == ["make toolchain", '.venv/bin/drydock up "$STACK" --yes']
    assert re.search(r"^toolchain:", (ROOT / "Makefile").read_text(), re.MULTILINE)
