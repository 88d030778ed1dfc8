"""The workflow that runs code of a pull request with a role on AWS: for whom, with which token, and what it reports."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from bootstrap.settings import BootstrapSettings
from components._boundary import names
from components._deploy_access import preview_subject
from components.deploy_identities import PREVIEW_SECONDS
from tests.support.workflows import PREVIEW_AWS, PULL_REQUEST, load, steps

WORKFLOW = load(PREVIEW_AWS)
JOB = WORKFLOW["jobs"]["preview"]
STEPS = list(steps(PREVIEW_AWS))
VARIABLES = {
    "matrix.stack": "dev",
    "vars.DRYDOCK_ACCOUNT_ID": "123456789012",
    "vars.DRYDOCK_REGION": "eu-central-1",
}


def filled(text: str) -> str:
    """Replace the expressions of a text by the values of a repository."""
    return re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda found: VARIABLES[found[1]], text)


def uses(action: str) -> dict[str, Any]:
    """Return the only step with an action."""
    (found,) = [step for step in STEPS if step.get("uses", "").startswith(f"{action}@")]
    return found


def test_it_runs_for_pull_requests_of_the_repository_only_and_if_turned_on() -> None:
    """All conditions are required. `pull_request_target` would run with the rights of the main branch."""
    conditions = re.fullmatch(r"\$\{\{ (.+) \}\}", JOB["if"])

    assert WORKFLOW["on"] == {"pull_request": None}
    assert list(WORKFLOW["jobs"]) == ["preview"]
    assert conditions
    assert set(conditions[1].split(" && ")) == {
        "vars.DRYDOCK_PREVIEW_STACKS != ''",
        "github.event.pull_request.head.repo.full_name == github.repository",
    }
    assert JOB["strategy"]["matrix"] == {"stack": "${{ fromJSON(vars.DRYDOCK_PREVIEW_STACKS) }}"}


def test_only_the_job_may_request_a_token_and_it_has_the_subject_that_the_role_trusts() -> None:
    """The subject of a job in an environment has its name, so the job waits for the reviewers of this environment."""
    subject = f"repo:octo-org/octo-repo:environment:{filled(JOB['environment'])}"

    assert WORKFLOW["permissions"] == {}
    assert JOB["permissions"] == {"contents": "read", "id-token": "write"}
    assert subject == preview_subject("octo-org/octo-repo", "dev") == "repo:octo-org/octo-repo:environment:dev_preview"


def test_it_assumes_the_preview_role_and_reads_the_state_of_the_bootstrap() -> None:
    """With the names that the bootstrap gives them, and a session not longer than that of the role."""
    account = {
        "accountId": "123456789012",
        "region": "eu-central-1",
        "repository": "octo-org/octo-repo",
    }
    bucket = BootstrapSettings.model_validate_json(json.dumps(account)).bucket
    assumed = uses("aws-actions/configure-aws-credentials")["with"]

    assert filled(assumed["role-to-assume"]) == f"arn:aws:iam::123456789012:role/{names('dev')['preview']}"
    assert filled(assumed["aws-region"]) == "eu-central-1"
    assert assumed["role-duration-seconds"] <= PREVIEW_SECONDS
    assert filled(STEPS[-2]["env"]["PULUMI_BACKEND_URL"]) == f"s3://{bucket}?region=eu-central-1"


def test_no_step_has_a_secret_and_only_the_preview_has_the_credentials_of_the_role() -> None:
    """The step after the credentials is the preview; only the upload, which runs no code of the change, follows."""
    assumed = STEPS.index(uses("aws-actions/configure-aws-credentials"))

    assert not re.search(r"secrets\b|github\.token|GITHUB_TOKEN", PREVIEW_AWS.read_text())
    assert "env" not in WORKFLOW
    assert "env" not in JOB
    assert [sorted(step["env"]) for step in STEPS if "env" in step] == [["PULUMI_BACKEND_URL", "STACK"]]
    assert "drydock preview" in STEPS[assumed + 1]["run"]
    assert [step["uses"].partition("@")[0] for step in STEPS[assumed + 2 :]] == ["actions/upload-artifact"]
    assert uses("actions/checkout")["with"] == {"persist-credentials": False}


def test_it_restores_the_tools_of_the_other_workflow_and_saves_none() -> None:
    """With the same key, and the same path."""
    (key,) = {step["with"]["key"] for step in steps(PULL_REQUEST) if "actions/cache@" in step.get("uses", "")}
    path = load(PULL_REQUEST)["env"]["TOOLS"]

    assert uses("actions/cache/restore")["with"] == {"path": path, "key": key}


def preview(folder: Path, stack: str, drydock: str) -> tuple[int, str, str]:
    """Run the preview with another command; return the exit code, the comment and the summary."""
    command = folder / ".venv" / "bin" / "drydock"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\n{drydock}\n")
    command.chmod(0o755)
    summary = folder / "summary.md"
    given = {"STACK": stack, "RUNNER_TEMP": str(folder), "GITHUB_STEP_SUMMARY": str(summary)}
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[-2]["run"]]
    done = subprocess.run(script, cwd=folder, env=os.environ | given, capture_output=True, check=False)
    path = folder / Path(uses("actions/upload-artifact")["with"]["path"]).name
    return done.returncode, path.read_text(), summary.read_text()


def test_reports_a_preview(tmp_path: Path) -> None:
    """In the comment and in the summary of the job."""
    done = preview(tmp_path, "dev", 'echo "$@"; echo progress >&2')

    assert done == (0, "preview dev --markdown\n", "preview dev --markdown\n")


def test_reports_a_failed_preview(tmp_path: Path) -> None:
    """The job fails; the plan so far is reported, or the reason if there is none."""
    plan = preview(tmp_path / "plan", "dev", 'echo "### dev"; exit 1')
    none = preview(tmp_path / "none", "dev", 'echo "the role is refused" >&2; exit 2')

    assert plan == (1, "### dev\n", "### dev\n")
    expected = "### `dev`: ⛔ there is no preview\n\n```text\nthe role is refused\n```\n"
    assert none == (1, expected, expected)
