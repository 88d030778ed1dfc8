"""The checks of a deployed service in a rehearsal. Mocked: the service's answers."""

import re
from email.message import Message
from typing import Any
from urllib.error import HTTPError

import pytest

from infra.engine import denials, service_checks
from infra.engine.token_issuer import Issuer
from infra.errors import OperationError
from localcloud.kubernetes import availability, restarts
from tests.infra.engine.test_denials import POD
from tests.infra.engine.test_real_providers import CLOUD


def test_fails_if_a_container_restarted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the container and its number of restarts."""
    monkeypatch.setattr(availability, "unavailable", lambda _cloud: [])
    monkeypatch.setattr(restarts, "restarted", lambda _cloud: ["app/api-1 container api: 2 restart(s)"])
    with pytest.raises(OperationError, match=r"^1 container\(s\) restarted: app/api-1 container api: 2 restart\(s\)$"):
        service_checks.wait_until_available(CLOUD)
    monkeypatch.setattr(restarts, "restarted", lambda _cloud: [])
    assert service_checks.wait_until_available(CLOUD) == "all available, no container restarted"


def test_pods_are_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step fails if they are not available before the timeout."""
    answers = [["Deployment app/api: 1 of 3 pods available"], ["Deployment app/api: 2 of 3 pods available"], []]
    monkeypatch.setattr(service_checks, "POLL_SECONDS", 0)
    monkeypatch.setattr(restarts, "restarted", lambda _cloud: [])
    monkeypatch.setattr(availability, "unavailable", lambda _cloud: answers.pop(0))

    assert service_checks.wait_until_available(CLOUD) == "all available, no container restarted"
    assert answers == []
    monkeypatch.setattr(service_checks, "PODS_SECONDS", 0)
    monkeypatch.setattr(availability, "unavailable", lambda _cloud: ["Deployment app/api: 1 of 3 pods available"])
    with pytest.raises(OperationError, match=r"^after 0 s: Deployment app/api: 1 of 3 pods available$"):
        service_checks.wait_until_available(CLOUD)


@pytest.mark.parametrize(
    ("groups", "text"),
    [
        (["a", "b", "c"], "the role of the add-on writes to 3 log groups (simulated: Fluent Bit)"),
        ([], "the cluster has no add-on for pod logs"),
    ],
)
def test_writes_pod_logs(monkeypatch: pytest.MonkeyPatch, groups: list[str], text: str) -> None:
    monkeypatch.setattr(service_checks, "ask", lambda _url, _question: {"groups": groups, "error": ""})

    assert service_checks.write_pod_logs(CLOUD) == text


def test_fails_if_pod_logs_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_checks, "ask", lambda _url, _question: {"groups": ["a"], "error": "AccessDenied"})

    with pytest.raises(OperationError, match=r"^the add-on for pod logs cannot write: AccessDenied$"):
        service_checks.write_pod_logs(CLOUD)


def service(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
    """Mock a service that gives these answers in order and repeats the last; a number is an HTTP error status."""
    left = list(answers)

    def ask(_url: str, _question: object = None, *, via: object, token: str | None = None) -> Any:
        assert via is CLOUD
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, int):
            raise OperationError("refused") from HTTPError("http://x", answer, "Refused", Message(), None)
        return answer

    monkeypatch.setattr(service_checks, "ask", ask)
    monkeypatch.setattr(denials, "ask", lambda _url: {"denials": []})
    monkeypatch.setattr(service_checks, "POLL_SECONDS", 0)


def job(state: str) -> dict[str, str]:
    return {"id": "1", "state": state}


def test_follows_a_job_until_it_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job is queued, running, and then succeeded."""
    service(monkeypatch, job("queued"), job("running"), job("succeeded"), job("queued"), job("retrying"))

    assert re.fullmatch(
        r"the worker ran a job in \d\.\d s, and then one that is retried",
        service_checks.run_jobs("http://x", CLOUD, None),
    )


@pytest.mark.parametrize("state", ["retrying", "succeeded", "dead"])
def test_accepts_each_result_of_the_job_that_fails_without_a_receiver(
    monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """A receiver of the stack can accept or refuse the notification."""
    service(monkeypatch, job("succeeded"), job("running"), job(state))

    assert service_checks.run_jobs("http://x", CLOUD, None).endswith("and then one that is retried")


def test_fails_if_the_second_job_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_checks, "JOB_SECONDS", 0)
    service(monkeypatch, job("succeeded"), job("queued"))

    with pytest.raises(OperationError, match=r"job 1 is queued after 0 s"):
        service_checks.run_jobs("http://x", CLOUD, None)


@pytest.mark.parametrize("state", ["dead", "queued"])
def test_fails_if_a_job_does_not_succeed(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """The job is dead, or still queued at the timeout."""
    monkeypatch.setattr(service_checks, "JOB_SECONDS", 0)
    service(monkeypatch, job(state))

    with pytest.raises(OperationError, match=rf"job 1 is {state} after 0 s"):
        service_checks.run_jobs("http://x", CLOUD, None)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 409])
def test_skips_the_job_if_the_service_accepts_none(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """The service requires a token, or has no queue."""
    service(monkeypatch, status)

    assert service_checks.run_jobs("http://x", CLOUD, None) == f"the service accepts no jobs here ({status} Refused)"


@pytest.mark.parametrize("status", [401, 403])
def test_fails_if_the_service_refuses_the_token(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """The token is from the issuer that the service was configured with."""
    service(monkeypatch, status)
    issuer = Issuer(instead_of="https://id.example.com", jwks_url="http://127.0.0.1:1", token="t")

    with pytest.raises(OperationError, match="refused"):
        service_checks.run_jobs("http://x", CLOUD, issuer)


def test_fails_if_the_service_returns_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Status 500 fails the check."""
    service(monkeypatch, 500)

    with pytest.raises(OperationError, match="refused"):
        service_checks.run_jobs("http://x", CLOUD, None)


def test_fails_with_the_denied_request_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check does not wait for a job that the worker cannot receive."""
    service(monkeypatch, job("queued"))
    monkeypatch.setattr(denials, "ask", lambda _url: {"denials": [POD]})

    with pytest.raises(OperationError, match="role/worker is not authorized to perform sqs:ReceiveMessage"):
        service_checks.run_jobs("http://x", CLOUD, None)
