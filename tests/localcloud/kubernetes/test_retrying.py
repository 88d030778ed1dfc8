"""Requests to an API server that is not ready yet are repeated. Mocked: its responses and the clock."""

import ssl
from collections.abc import Callable

import httpx2
import pytest

from localcloud.kubernetes import leftovers, retrying
from localcloud.kubernetes.retrying import RetryingTransport
from tests.support.clouds import cloud

NOT_YET = {"Retry-After": "1"}
Send = Callable[[list[httpx2.Response]], httpx2.Response]


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the waits between requests, without waiting."""
    seconds: list[float] = []
    monkeypatch.setattr(retrying.time, "sleep", seconds.append)
    return seconds


@pytest.fixture
def send(monkeypatch: pytest.MonkeyPatch) -> Send:
    """Send a request to a server that gives these responses and repeats the last one."""

    def sent(answers: list[httpx2.Response]) -> httpx2.Response:
        def answer(_request: httpx2.Request) -> httpx2.Response:
            return answers.pop(0) if len(answers) > 1 else answers[0]

        monkeypatch.setattr(httpx2, "HTTPTransport", lambda **_: httpx2.MockTransport(answer))
        with httpx2.Client(transport=RetryingTransport(ssl.create_default_context())) as client:
            return client.get("https://127.0.0.1/api/v1/pods")

    return sent


def test_a_request_is_retried_until_it_is_ready(send: Send, slept: list[float]) -> None:
    """It waits as long as the response says, up to a limit."""
    answers = [httpx2.Response(429, headers={"Retry-After": after}) for after in ("1", "600")]

    assert send([*answers, httpx2.Response(200)]).status_code == 200
    assert slept == [1.0, 2.0]


@pytest.mark.parametrize(
    "answer",
    [httpx2.Response(200), httpx2.Response(503, headers=NOT_YET), httpx2.Response(404), httpx2.Response(429)],
    ids=["success", "unavailable", "not found", "eviction beyond a budget"],
)
def test_every_other_response_is_returned_immediately(send: Send, slept: list[float], answer: httpx2.Response) -> None:
    assert send([answer]).status_code == answer.status_code
    assert slept == []


def test_gives_up_on_a_server_that_does_not_get_ready(send: Send, slept: list[float]) -> None:
    """The last response is returned."""
    assert send([httpx2.Response(429, headers=NOT_YET)]).status_code == 429
    assert slept == [1.0] * 29


def test_leftovers_are_found_once_every_kind_is_ready(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    """Kinds of CustomResourceDefinitions are the last to be ready after a restart."""
    requests: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request.url.path)
        if request.url.path == "/apis":
            return httpx2.Response(200, json={"groups": []})
        if request.url.path == "/api/v1":
            resources = [{"name": "configmaps", "kind": "ConfigMap", "verbs": ["list"]}]
            return httpx2.Response(200, json={"resources": resources})
        if requests.count("/api/v1/configmaps") == 1:
            return httpx2.Response(429, headers=NOT_YET)
        metadata = {"name": "one", "namespace": "apps", "managedFields": [{"manager": "pulumi-kubernetes-1"}]}
        return httpx2.Response(200, json={"items": [{"metadata": metadata}]})

    monkeypatch.setattr(httpx2, "HTTPTransport", lambda **_: httpx2.MockTransport(answer))
    monkeypatch.setattr(leftovers, "is_own", lambda _item: True)
    monkeypatch.setattr(ssl, "create_default_context", lambda **_: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    assert leftovers.leftovers(cloud()) == ["ConfigMap apps/one"]
    assert slept == [1.0]
