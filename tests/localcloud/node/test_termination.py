"""A preStop hook sleeps until no Service selects the pod, or until its workload is deleted. Mocked: the API server."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.cluster.api import ApiError
from localcloud.node import termination
from localcloud.node.termination import sleep_while_needed

POD = {"metadata": {"name": "p", "namespace": "apps", "labels": {"app": "web", "tier": "front"}}}
SELECTING = {"spec": {"selector": {"app": "web"}}}
LONG, SHORT = 60.0, 0.3


OWNED = {"metadata": POD["metadata"] | {"ownerReferences": [{"kind": "ReplicaSet", "name": "web-1"}]}}
LIVING: dict[str, Any] = {"metadata": {"name": "web-1"}}
DELETED = {"metadata": {"name": "web-1", "deletionTimestamp": "2026-01-01T00:00:00Z"}}


class Api:
    """Stands for the API server: returns these lists of Services in order and repeats the last.

    `owner` is the pod's ReplicaSet.
    """

    def __init__(self, *answers: Any, owner: Any = None) -> None:
        self.answers = list(answers)
        self.owner = owner
        self.paths: list[str] = []

    async def get(self, path: str) -> Any:
        """Return the next answer, or raise it."""
        self.paths.append(path)
        if "/replicasets/" in path:
            if isinstance(self.owner, Exception):
                raise self.owner
            return self.owner
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {"items": answer}


def slept(api: Api, seconds: float, pod: dict[str, Any] = POD) -> float:
    """Return the seconds that the hook slept."""
    began = time.monotonic()
    asyncio.run(sleep_while_needed(SimpleNamespace(api=api), pod, seconds))  # type: ignore[arg-type]
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
    ids=["none", "other app", "other tier", "no selector", "empty selector"],
)
def test_does_not_sleep_if_no_service_selects_the_pod(services: list[dict[str, Any]]) -> None:
    """A Service without a selector selects no pods."""
    api = Api(services)

    assert slept(api, LONG) < LONG / 2
    assert api.paths == ["/api/v1/namespaces/apps/services"]


@pytest.mark.parametrize("answer", [[SELECTING], ApiError(500, "", "restarting"), TimeoutError()], ids=str)
def test_sleeps_if_a_service_may_select_the_pod(answer: Any) -> None:
    """It is also assumed while the API server is not available."""
    assert slept(Api(answer), SHORT) >= SHORT


def test_the_sleep_ends_after_the_service_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Services are read repeatedly."""
    monkeypatch.setattr(termination, "SELECTED_CHECK_SECONDS", 0.01)
    api = Api([SELECTING], [SELECTING], [])

    assert slept(api, LONG) < LONG / 2
    assert len(api.paths) == 3


@pytest.mark.parametrize("owner", [DELETED, ApiError(404, "NotFound", "")], ids=["being deleted", "gone"])
def test_pods_of_a_deleted_workload_do_not_sleep(owner: Any) -> None:
    """No other pod could handle their requests."""
    assert slept(Api([SELECTING], owner=owner), LONG, OWNED) < LONG / 2


@pytest.mark.parametrize("owner", [LIVING, ApiError(500, "", "restarting"), TimeoutError()], ids=str)
def test_a_pod_replaced_in_a_rollout_sleeps(owner: Any) -> None:
    """Its ReplicaSet still exists, for a rollback."""
    assert slept(Api([SELECTING], owner=owner), SHORT, OWNED) >= SHORT
