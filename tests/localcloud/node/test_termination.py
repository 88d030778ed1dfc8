"""How long a preStop hook sleeps: until no Service selects the pod."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.node import termination
from localcloud.node.api import ApiError
from localcloud.node.termination import sleep_while_selected

POD = {"metadata": {"name": "p", "namespace": "apps", "labels": {"app": "web", "tier": "front"}}}
SELECTING = {"spec": {"selector": {"app": "web"}}}
LONG, SHORT = 60.0, 0.3


class Api:
    """Answers with one list of Services after another; the last one stays."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.paths: list[str] = []

    async def get(self, path: str) -> Any:
        """Answer, or fail."""
        self.paths.append(path)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {"items": answer}


def slept(api: Api, seconds: float) -> float:
    """How long it took."""
    began = time.monotonic()
    asyncio.run(sleep_while_selected(SimpleNamespace(api=api), POD, seconds))  # type: ignore[arg-type]
    return time.monotonic() - began


@pytest.mark.parametrize(
    "services",
    [
        [],
        [{"spec": {"selector": {"app": "other"}}}],
        [{"spec": {"selector": {"app": "web", "tier": "back"}}}],
        [{"spec": {}}],
        [{"spec": {"selector": {}}}],
    ],
    ids=["none", "of another app", "of another tier", "without a selector", "with an empty selector"],
)
def test_a_pod_that_nothing_can_send_to_does_not_sleep(services: list[dict[str, Any]]) -> None:
    """A Service without a selector has no pods of its own."""
    api = Api(services)

    assert slept(api, LONG) < LONG / 2
    assert api.paths == ["/api/v1/namespaces/apps/services"]


@pytest.mark.parametrize("answer", [[SELECTING], ApiError(500, "", "restarting"), TimeoutError()], ids=str)
def test_a_pod_that_may_be_sent_requests_sleeps_on(answer: Any) -> None:
    """As does one of which nobody knows, while the API server is restarted."""
    assert slept(Api(answer), SHORT) >= SHORT


def test_the_sleep_ends_with_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is how a stack is deleted: first the Service, then the Deployment."""
    monkeypatch.setattr(termination, "SELECTED_CHECK_SECONDS", 0.01)
    api = Api([SELECTING], [SELECTING], [])

    assert slept(api, LONG) < LONG / 2
    assert len(api.paths) == 3
