"""Awaits a Deployment: it is ready when all pods have the new template, are available, and no old pod is left."""

from datetime import datetime
from typing import Any

from localcloud.kubernetes import pods
from localcloud.kubernetes.reference import Manifest, Query
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting

PROGRESS_DEADLINE_SECONDS = 600  # the API server's default
MARGIN_SECONDS = 30
REVISION = "deployment.kubernetes.io/revision"


def timeout_seconds(deployment: Manifest) -> int:
    """Return the progress deadline plus a margin, in which the controller reports an expired deadline."""
    deadline: int = deployment["spec"].get("progressDeadlineSeconds", PROGRESS_DEADLINE_SECONDS)
    return deadline + MARGIN_SECONDS


def queries(deployment: Manifest) -> list[Query]:
    """Return the queries for the Deployment, its ReplicaSets and its pods."""
    metadata = deployment["metadata"]
    namespace, labels = metadata["namespace"], deployment["spec"]["selector"].get("matchLabels")
    return [
        Query(api_version="apps/v1", kind="Deployment", namespace=namespace, name=metadata["name"]),
        Query(api_version="apps/v1", kind="ReplicaSet", namespace=namespace, labels=labels),
        Query(api_version="v1", kind="Pod", namespace=namespace, labels=labels),
    ]


def assess(deployments: list[Manifest], replica_sets: list[Manifest], all_pods: list[Manifest]) -> Verdict:
    """Return the state of the rollout; pods of an older template are ignored."""
    if not deployments:
        return Failed("it was deleted meanwhile")
    deployment = deployments[0]
    status, wanted = deployment.get("status", {}), deployment["spec"].get("replicas", 1)
    if status.get("observedGeneration", 0) < deployment["metadata"]["generation"]:
        return Waiting("waiting for the deployment controller")
    updated, total, available = (status.get(key, 0) for key in ("updatedReplicas", "replicas", "availableReplicas"))
    if updated == wanted == total and available >= wanted:
        return Ready()
    conditions = {condition["type"]: condition for condition in status.get("conditions", [])}
    newest = newest_pods(deployment, replica_sets, all_pods)
    failure = _failure(conditions, pods.worst(newest), is_stale=_is_of_rollout_before(deployment, conditions))
    if failure:
        return Failed(failure)
    ready = sum(map(pods.is_ready, newest))
    # A pod is available when it has been ready for `minReadySeconds`.
    short = f", {available} available" if ready >= wanted > available else ""
    old = f"; {total - updated} old to go" if total > updated else ""
    return Waiting(f"{ready} of {wanted} pods ready{short}{old}")


def newest_pods(deployment: Manifest, replica_sets: list[Manifest], all_pods: list[Manifest]) -> list[Manifest]:
    """Return the pods of the Deployment's current template."""
    revision = _revision(deployment)
    current = [one for one in pods.owned_by(replica_sets, deployment) if _revision(one) == revision]
    return [pod for one in current for pod in pods.owned_by(all_pods, one)]


def _is_of_rollout_before(deployment: Manifest, conditions: dict[str, dict[str, Any]]) -> bool:
    """Return whether the progress deadline that expired is that of the previous rollout.

    A rollout to an existing ReplicaSet continues with the timer of the previous rollout until it makes progress, so
    its deadline may expire immediately. This is the case if less time than the deadline has passed since the last
    change was applied.
    """
    entries = deployment["metadata"].get("managedFields", ())
    applied = max((entry.get("time", "") for entry in entries if entry.get("operation") == "Apply"), default="")
    expired = conditions.get("Progressing", {}).get("lastUpdateTime", "")
    if not applied or not expired:
        return False
    deadline = deployment["spec"].get("progressDeadlineSeconds", PROGRESS_DEADLINE_SECONDS)
    seconds = (datetime.fromisoformat(expired) - datetime.fromisoformat(applied)).total_seconds()
    return bool(seconds < deadline - 1)  # both times are whole seconds


def _failure(conditions: dict[str, dict[str, Any]], trouble: pods.Trouble | None, *, is_stale: bool) -> str:
    progressing, refused = conditions.get("Progressing", {}), conditions.get("ReplicaFailure", {})
    if refused.get("status") == "True" and "violates PodSecurity" in refused.get("message", ""):
        return str(refused["message"])
    timed_out = progressing.get("status") == "False" and progressing.get("reason") == "ProgressDeadlineExceeded"
    if timed_out and not is_stale:
        more = f"; {refused['message']}" if refused.get("status") == "True" else ""
        return f"ProgressDeadlineExceeded: {progressing.get('message', '')}{more}"
    return "its pods cannot start" if trouble and trouble.final else ""


def _revision(manifest: Manifest) -> str | None:
    revision: str | None = manifest["metadata"].get("annotations", {}).get(REVISION)
    return revision
