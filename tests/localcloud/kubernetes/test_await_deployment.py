"""When a rollout is complete, in progress, or failed."""

from typing import Any

import pytest

from localcloud.kubernetes import await_deployment
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting

REVISION = "deployment.kubernetes.io/revision"


def deployment(wanted: int = 2, observed: int = 3, conditions: Any = (), **status: int) -> dict[str, Any]:
    return {
        "metadata": {"name": "d", "namespace": "n", "uid": "d", "generation": 3, "annotations": {REVISION: "2"}},
        "spec": {"replicas": wanted, "selector": {"matchLabels": {"a": "b"}}},
        "status": {"observedGeneration": observed, "conditions": list(conditions), **status},
    }


def replica_set(uid: str, revision: str) -> dict[str, Any]:
    return {"metadata": {"uid": uid, "ownerReferences": [{"uid": "d"}], "annotations": {REVISION: revision}}}


def pod(owner: str, *, ready: bool = False, waiting: str = "") -> dict[str, Any]:
    state = {"waiting": {"reason": waiting}} if waiting else {"running": {}}
    return {
        "metadata": {"name": f"{owner}-pod", "ownerReferences": [{"uid": owner}]},
        "status": {
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [{"name": "app", "ready": ready, "state": state}],
        },
    }


DONE = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
TOO_LATE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out"}
QUOTA = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}
REFUSED = {"type": "ReplicaFailure", "status": "True", "message": 'violates PodSecurity "restricted:latest"'}
SETS = [replica_set("old", "1"), replica_set("new", "2")]


@pytest.mark.parametrize(
    ("found", "pods", "verdict"),
    [
        (deployment(**DONE), [], Ready()),
        (deployment(wanted=0), [], Ready()),
        (deployment(observed=2, **DONE), [], Waiting("waiting for the deployment controller")),
        (deployment(updatedReplicas=2, availableReplicas=2), [], Waiting("0 of 2 pods ready")),
        (
            deployment(**{**DONE, "replicas": 3}),
            [pod("new", ready=True), pod("old", ready=True)],
            Waiting("1 of 2 pods ready; 1 old to go"),
        ),
        (deployment(**{**DONE, "availableReplicas": 1}), [pod("new", ready=True)], Waiting("1 of 2 pods ready")),
        (
            deployment(**{**DONE, "availableReplicas": 1}),
            [pod("new", ready=True), pod("new", ready=True)],
            Waiting("2 of 2 pods ready, 1 available"),
        ),
        (deployment(conditions=[QUOTA]), [], Waiting("0 of 2 pods ready")),
        (deployment(conditions=[REFUSED]), [], Failed('violates PodSecurity "restricted:latest"')),
        (deployment(conditions=[TOO_LATE]), [], Failed("ProgressDeadlineExceeded: timed out")),
        (deployment(conditions=[TOO_LATE, QUOTA]), [], Failed("ProgressDeadlineExceeded: timed out; exceeded quota")),
        (deployment(conditions=[TOO_LATE], **DONE), [], Ready()),
        (deployment(), [pod("new", waiting="InvalidImageName")], Failed("its pods cannot start")),
        (deployment(), [pod("old", waiting="InvalidImageName")], Waiting("0 of 2 pods ready")),
    ],
)
def test_assesses_a_rollout(found: dict[str, Any], pods: list[dict[str, Any]], verdict: Verdict) -> None:
    """It is complete, in progress, or failed; pods of the old template are ignored."""
    assert await_deployment.assess([found], SETS, pods) == verdict


@pytest.mark.parametrize(
    ("updated", "verdict"),
    [
        ("2026-11-28T09:00:00Z", Waiting("0 of 2 pods ready")),
        ("2026-11-28T10:00:05Z", Waiting("0 of 2 pods ready")),
        ("2026-11-28T10:09:58Z", Waiting("0 of 2 pods ready")),
        ("2026-11-28T10:10:00Z", Failed("ProgressDeadlineExceeded: timed out")),
    ],
)
def test_ignores_the_exceeded_deadline_of_the_previous_rollout(updated: str, verdict: Verdict) -> None:
    """The controller keeps the old condition until the new rollout makes progress."""
    found = deployment(conditions=[{**TOO_LATE, "lastUpdateTime": updated}])
    found["metadata"]["managedFields"] = [
        {"manager": "pulumi-kubernetes", "operation": "Apply", "time": "2026-11-28T10:00:00Z"},
        {"manager": "kube-controller-manager", "operation": "Update", "time": "2026-11-28T12:00:00Z"},
    ]

    assert await_deployment.assess([found], SETS, []) == verdict


def test_the_timeout_is_the_progress_deadline_plus_a_margin() -> None:
    """The controller needs the margin to report the deadline."""
    assert await_deployment.timeout_seconds({"spec": {"progressDeadlineSeconds": 60}}) == 90
    assert await_deployment.timeout_seconds({"spec": {}}) == 630


def test_a_deployment_deleted_meanwhile_has_failed() -> None:
    """Waiting longer would not help."""
    assert await_deployment.assess([], SETS, []) == Failed("it was deleted meanwhile")
