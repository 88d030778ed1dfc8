"""Reports of pods in the message of a failed deployment. Mocked: the reports of the cluster."""

import httpx2
import pytest

from infra.engine import unready
from infra.errors import FailedOperationError, OperationError
from localcloud.cloud import Cloud
from localcloud.kubernetes.client import UnreachableError
from tests.infra.engine.test_real_providers import CLOUD

REPORT = "Deployment app/api is not ready: 0 of 2 pods ready\n  pod api-1: container api ended with exit code 1 (Error)"
FAILED = "up failed:\n  kubernetes:apps/v1:Deployment api: 2 containers with unready status"


def answer(monkeypatch: pytest.MonkeyPatch, found: list[str] | Exception) -> None:
    def unready_of(_cloud: Cloud) -> list[str]:
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr("localcloud.kubernetes.unready.unready", unready_of)


def raised(error: Exception, cloud: Cloud | None = CLOUD) -> str:
    with pytest.raises(type(error)) as failed, unready.named(cloud):
        raise error
    return str(failed.value)


def test_adds_reports_to_a_failure_of_a_deployment_or_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, [REPORT])

    assert raised(FailedOperationError(FAILED, [])) == f"{FAILED}\n{REPORT}"
    job = FAILED.replace("apps/v1:Deployment", "batch/v1:Job")
    assert raised(FailedOperationError(job, [])) == f"{job}\n{REPORT}"


def test_adds_no_report_whose_pod_the_message_already_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in reports the same pod under a headline of its own."""
    answer(monkeypatch, [REPORT])
    said = f"{FAILED}: ProgressDeadlineExceeded\n    pod api-1: container api ended with exit code 1 (Error)"

    assert raised(FailedOperationError(said, [])) == said


@pytest.mark.parametrize(
    "error",
    [
        OperationError("kubernetes:apps/v1:Deployment api: any"),
        FailedOperationError("aws:sqs/queue:Queue jobs: any", []),
    ],
)
def test_leaves_other_errors_as_they_are(monkeypatch: pytest.MonkeyPatch, error: OperationError) -> None:
    answer(monkeypatch, [REPORT])

    assert raised(error) == str(error)


@pytest.mark.parametrize("found", [httpx2.ConnectError("refused"), UnreachableError("does not answer"), []])
def test_leaves_the_message_if_the_cluster_has_no_report(
    monkeypatch: pytest.MonkeyPatch, found: Exception | list[str]
) -> None:
    answer(monkeypatch, found if isinstance(found, Exception) else list(found))

    assert raised(FailedOperationError(FAILED, [])) == FAILED


def test_adds_nothing_on_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, [REPORT])

    assert raised(FailedOperationError(FAILED, []), cloud=None) == FAILED
