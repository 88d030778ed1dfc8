"""The decisions of the awaits, by tables."""

from typing import Any

import pytest

from localcloud.kubernetes import await_deletion, await_deployment, await_job, await_namespace, await_service
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
        (deployment(conditions=[QUOTA]), [], Waiting("0 of 2 pods ready")),
        (deployment(conditions=[REFUSED]), [], Failed('violates PodSecurity "restricted:latest"')),
        (deployment(conditions=[TOO_LATE]), [], Failed("ProgressDeadlineExceeded: timed out")),
        (deployment(conditions=[TOO_LATE, QUOTA]), [], Failed("ProgressDeadlineExceeded: timed out; exceeded quota")),
        (deployment(conditions=[TOO_LATE], **DONE), [], Ready()),
        (deployment(), [pod("new", waiting="InvalidImageName")], Failed("its pods cannot start")),
        (deployment(), [pod("old", waiting="InvalidImageName")], Waiting("0 of 2 pods ready")),
    ],
)
def test_a_deployment(found: dict[str, Any], pods: list[dict[str, Any]], verdict: Verdict) -> None:
    """Complete, on its way, or hopeless; pods of the old template decide nothing."""
    assert await_deployment.assess([found], SETS, pods) == verdict


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
def test_a_job(found: dict[str, Any], verdict: Verdict) -> None:
    """Done, failed for good, or still trying."""
    assert await_job.assess([found], []) == verdict


def test_a_job_whose_image_is_not_there_fails_at_once() -> None:
    """It would be retried until its deadline, if it has one."""
    assert await_job.assess([job()], [pod("j", waiting="InvalidImageName")]) == Failed("its pods cannot start")


@pytest.mark.parametrize(
    ("kind", "ingress", "verdict"),
    [
        ("ClusterIP", [], Ready()),
        ("LoadBalancer", [], Waiting("waiting for the load balancer's address")),
        ("LoadBalancer", [{}], Waiting("waiting for the load balancer's address")),
        ("LoadBalancer", [{"hostname": "a.elb.amazonaws.com"}], Ready()),
        ("LoadBalancer", [{"ip": "127.0.0.1"}], Ready()),
    ],
)
def test_a_service(kind: str, ingress: list[dict[str, str]], verdict: Verdict) -> None:
    """Only a load balancer is awaited."""
    found = {"spec": {"type": kind}, "status": {"loadBalancer": {"ingress": ingress}}}

    assert await_service.assess([found]) == verdict


@pytest.mark.parametrize(
    ("phase", "verdict"), [("Active", Ready()), ("Terminating", Waiting("its phase is Terminating"))]
)
def test_a_namespace(phase: str, verdict: Verdict) -> None:
    """One that is going is not ready."""
    assert await_namespace.assess([{"status": {"phase": phase}}]) == verdict


@pytest.mark.parametrize(
    "verdict",
    [
        await_deployment.assess([], SETS, []),
        await_job.assess([], []),
        await_service.assess([]),
        await_namespace.assess([]),
    ],
)
def test_what_somebody_deletes_meanwhile_has_failed(verdict: Verdict) -> None:
    """It will not come back by waiting."""
    assert verdict == Failed("it was deleted meanwhile")


HELD = {"metadata": {"uid": "1", "finalizers": ["foregroundDeletion", "test.io/hold"]}}
FULL = {
    "metadata": {"uid": "1"},
    "status": {"conditions": [{"type": "NamespaceContentRemaining", "status": "True", "message": "pods has 1 left"}]},
}


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([], Ready()),
        ([{"metadata": {"uid": "2"}}], Ready()),
        ([HELD], Waiting("waiting until it is gone; finalizer test.io/hold")),
        ([FULL], Waiting("waiting until it is gone; pods has 1 left")),
    ],
)
def test_a_deletion(found: list[dict[str, Any]], verdict: Verdict) -> None:
    """A new object of the same name is not the old one; what holds it is named."""
    assert await_deletion.assess(found, "1") == verdict


def test_timeouts_follow_the_objects_own_deadlines() -> None:
    """With a margin for the controller to report them."""
    assert await_deployment.timeout_seconds({"spec": {"progressDeadlineSeconds": 60}}) == 90
    assert await_deployment.timeout_seconds({"spec": {}}) == 630
    assert await_job.timeout_seconds({"spec": {"activeDeadlineSeconds": 10}}) == 40
    assert await_job.timeout_seconds({"spec": {}}) == 600
