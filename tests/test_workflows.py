"""The workflows: least rights, pinned actions, and no command that does not exist."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PULL_REQUEST = FOLDER / "pull-request.yml"
COMMENT = FOLDER / "pull-request-comment.yml"
# Every right that a job has beyond nothing. A new one is a decision, so it is made here too.
RIGHTS = {
    PULL_REQUEST.name: {
        "toolchain": {"contents": "read"},
        "check": {"contents": "read"},
        "preview": {"contents": "read"},
    },
    COMMENT.name: {"comment": {"actions": "read", "pull-requests": "write"}},
}
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def _load(path: Path) -> dict[str, Any]:
    # YAML 1.1 takes the key `on` for a boolean.
    return {"on" if key is True else str(key): value for key, value in yaml.safe_load(path.read_text()).items()}


def _steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in _load(path)["jobs"].values():
        yield from job["steps"]


def _scripts(path: Path) -> list[str]:
    return [step["run"] for step in _steps(path) if "run" in step]


def test_there_is_one_for_pull_requests_and_one_for_their_comment() -> None:
    """All others would have to be judged here too."""
    assert {path.name for path in FILES} == set(RIGHTS)


@every_file
def test_gives_each_job_the_least_rights(path: Path) -> None:
    """Rights are named, and are those of the table."""
    workflow = _load(path)

    rights = {name: job.get("permissions", workflow["permissions"]) for name, job in workflow["jobs"].items()}

    assert rights == RIGHTS[path.name]


@every_file
def test_pins_every_action_to_a_commit(path: Path) -> None:
    """A tag can be moved to other code; the comment says which version the commit is."""
    lines = [line.strip().removeprefix("- ") for line in path.read_text().splitlines()]
    uses = [line for line in lines if line.startswith("uses:")]

    assert [line for line in uses if not PINNED.fullmatch(line)] == []
    assert len(uses) == sum("uses" in step for step in _steps(path))


@every_file
def test_uses_one_version_of_each_action(path: Path) -> None:
    """An update that forgets one place is found."""
    versions: dict[str, set[str]] = {}
    for step in _steps(path):
        if "uses" in step:
            name, _, commit = step["uses"].partition("@")
            versions.setdefault(name, set()).add(commit)

    assert {name: commits for name, commits in versions.items() if len(commits) > 1} == {}


@every_file
def test_ends_by_itself(path: Path) -> None:
    """Each job has a time limit, and a newer run takes the place of an older one."""
    workflow = _load(path)

    assert all(0 < job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())
    assert workflow["concurrency"]["group"]


@every_file
def test_puts_no_text_of_others_into_a_script(path: Path) -> None:
    """A branch may be called anything, also a command: it goes through the environment."""
    assert [script for script in _scripts(path) if "${{" in script] == []


@every_file
def test_has_scripts_that_bash_can_read(path: Path) -> None:
    """A missing quote is found here."""
    for script in _scripts(path):
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@every_file
def test_runs_only_commands_that_there_are(path: Path) -> None:
    """Targets are in the Makefile, commands in infra/commands."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {command.stem for command in (ROOT / "infra" / "commands").glob("*.py")}
    text = "\n".join(_scripts(path))

    assert set(re.findall(r"\bmake ([a-z-]+)", text)) <= targets
    assert set(re.findall(r"\bdrydock ([a-z-]+)", text)) <= commands


def test_runs_tests_style_rules_and_previews() -> None:
    """A pull request is judged by all four."""
    text = "\n".join(_scripts(PULL_REQUEST))

    for command in ("make test", "make lint", "drydock policy", "drydock preview"):
        assert command in text


def test_holds_no_credentials_where_the_change_runs() -> None:
    """No secret, no cloud token, and no token of the repository left in the checkout."""
    text = PULL_REQUEST.read_text()
    checkouts = [step for step in _steps(PULL_REQUEST) if step.get("uses", "").startswith("actions/checkout@")]

    assert "pull_request" in _load(PULL_REQUEST)["on"]
    assert not re.search(r"secrets\.|id-token|github\.token|pull_request_target", text)
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_builds_the_tools_once_for_every_set_of_pins() -> None:
    """Each job takes the same cache, whose key changes with the pins and with nothing else."""
    keys = [step["with"]["key"] for step in _steps(PULL_REQUEST) if step.get("uses", "").startswith("actions/cache@")]

    assert len(keys) == len(_load(PULL_REQUEST)["jobs"])
    assert len(set(keys)) == 1
    assert "hashFiles('tools/**')" in keys[0]


def test_posts_the_comment_without_any_code_of_the_change() -> None:
    """What may write to pull requests checks nothing out, and follows the run that it reports on."""
    workflow = _load(COMMENT)

    assert workflow["on"] == {"workflow_run": {"workflows": [_load(PULL_REQUEST)["name"]], "types": ["completed"]}}
    assert [step for step in _steps(COMMENT) if "uses" in step] == []
    assert "git " not in "\n".join(_scripts(COMMENT))


def _preview_step(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the preview step in a checkout whose `drydock` knows two stacks, one of which has a wrong setting."""
    commands = folder / ".venv" / "bin"
    commands.mkdir(parents=True)
    (commands / "python").symlink_to(sys.executable)
    drydock = commands / "drydock"
    drydock.write_text(
        '#!/bin/sh\n[ "$2" = dev ] && { echo "network.cidr: wrong" >&2; exit 2; }\necho "### preview of $2"\n'
    )
    drydock.chmod(0o755)
    for stack in ("dev", "prod"):
        (folder / f"Pulumi.{stack}.yaml").touch()
    [script] = [script for script in _scripts(PULL_REQUEST) if "drydock preview" in script]
    environment = os.environ | {
        "RUNNER_TEMP": str(folder / "temp"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
    }
    (folder / "temp").mkdir()
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)


def test_previews_every_stack_and_tells_of_each(tmp_path: Path) -> None:
    """A stack that cannot be previewed fails the job, and neither hides the others nor its reason."""
    done = _preview_step(tmp_path)
    comment = (tmp_path / "temp" / "comment" / "comment.md").read_text()

    assert done.returncode == 1, done.stderr
    assert "### preview of prod" in comment
    assert "### `dev`: ⛔ there is no preview\n\n```text\nnetwork.cidr: wrong\n```" in comment
    assert (tmp_path / "summary.md").read_text().count("###") == 2
