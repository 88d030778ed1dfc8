"""When a Job is complete, failed, or in progress."""

from typing import Any

import pytest

from localcloud.kubernetes import await_job
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting


def job(*conditions: str, **spec: Any) -> dict[str, Any]:
    found = [{"type": one, "status": "True", "reason": "Because", "message": "it did"} for one in conditions]
    return {"spec": spec, "status": {"conditions": found, "succeeded": 1, "failed": 2}}


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (job("SuccessCriteriaMet", "Complete"), Ready()),
        (job("FailureTarget"), Waiting("1 of 1 pods done; 2 failed")),
        (job("FailureTarget", "Failed"), Failed("Because: it did")),
        (job(completions=3), Waiting("1 of 3 pods done; 2 failed")),
        (job("Suspended", suspend=True), Ready()),
    ],
)
def test_assesses_a_job(found: dict[str, Any], verdict: Verdict) -> None:
    """It is complete, failed, or still retrying."""
    assert await_job.assess([found], []) == verdict


def test_a_job_with_a_missing_image_fails_immediately() -> None:
    """Kubernetes would retry it until its deadline, if it has one."""
    status = {"containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "InvalidImageName"}}}]}
    pod = {"metadata": {"name": "p"}, "status": status}

    assert await_job.assess([job()], [pod]) == Failed("its pods cannot start")


def test_the_timeout_is_the_active_deadline_plus_a_margin() -> None:
    """Without a deadline it is ten minutes."""
    assert await_job.timeout_seconds({"spec": {"activeDeadlineSeconds": 10}}) == 40
    assert await_job.timeout_seconds({"spec": {}}) == 600


def test_a_job_deleted_meanwhile_has_failed() -> None:
    """Waiting longer would not help."""
    assert await_job.assess([], []) == Failed("it was deleted meanwhile")
