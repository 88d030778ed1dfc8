"""The checks of a deployed service: what passes, and what ends a rehearsal."""

from email.message import Message
from typing import Any
from urllib.error import HTTPError

import pytest

from infra.engine import denials, service_checks
from infra.engine.token_issuer import Issuer
from infra.errors import OperationError
from localcloud.kubernetes import restarts
from tests.infra.engine.test_denials import POD
from tests.infra.engine.test_real_providers import CLOUD


def test_a_container_that_restarted_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named with the reason of its last end."""
    monkeypatch.setattr(restarts, "restarted", lambda _cloud: ["app/api-1 container api: 2 restart(s)"])
    with pytest.raises(OperationError, match=r"^1 container\(s\) restarted: app/api-1 container api: 2 restart\(s\)$"):
        service_checks.steady(CLOUD)
    monkeypatch.setattr(restarts, "restarted", lambda _cloud: [])
    assert service_checks.steady(CLOUD) == "no container restarted"


def service(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
    """A service that answers one after the other; an exception is raised. No pod is denied anything."""
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


def test_a_job_is_followed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes by several states."""
    service(monkeypatch, job("queued"), job("running"), job("succeeded"))

    assert service_checks.does_a_job("http://x", CLOUD, None).startswith("the worker ran a job in ")


@pytest.mark.parametrize("state", ["dead", "queued"])
def test_a_job_that_is_not_done_ends_it(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """It is dead, or still waits when the time is up."""
    monkeypatch.setattr(service_checks, "JOB_SECONDS", 0)
    service(monkeypatch, job(state))

    with pytest.raises(OperationError, match=rf"job 1 is {state} after 0 s"):
        service_checks.does_a_job("http://x", CLOUD, None)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 409])
def test_a_service_that_takes_no_jobs_is_not_asked_to(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """A service that requires a token, or has no queue."""
    service(monkeypatch, status)

    assert service_checks.does_a_job("http://x", CLOUD, None) == f"the service accepts no jobs here ({status} Refused)"


@pytest.mark.parametrize("status", [401, 403])
def test_a_service_that_refuses_the_token_ends_it(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """The token is of the issuer that the service was given."""
    service(monkeypatch, status)
    issuer = Issuer(instead_of="https://id.example.com", jwks_url="http://127.0.0.1:1", token="t")

    with pytest.raises(OperationError, match="refused"):
        service_checks.does_a_job("http://x", CLOUD, issuer)


def test_a_service_that_fails_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has answered before."""
    service(monkeypatch, 500)

    with pytest.raises(OperationError, match="refused"):
        service_checks.does_a_job("http://x", CLOUD, None)


def test_a_worker_that_is_denied_something_ends_it_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a job that cannot be done."""
    service(monkeypatch, job("queued"))
    monkeypatch.setattr(denials, "ask", lambda _url: {"denials": [POD]})

    with pytest.raises(OperationError, match="role/worker is not authorized to perform sqs:ReceiveMessage"):
        service_checks.does_a_job("http://x", CLOUD, None)
