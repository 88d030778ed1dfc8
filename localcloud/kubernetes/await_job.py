"""Awaits a Job: it is ready when it is complete."""

from typing import Any

from localcloud.kubernetes import pods
from localcloud.kubernetes.reference import Manifest, Query
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting

TIMEOUT_SECONDS = 600
MARGIN_SECONDS = 30


def timeout_seconds(job: Manifest) -> int:
    """Return the Job's own deadline plus a margin, or ten minutes if it has none."""
    deadline = job["spec"].get("activeDeadlineSeconds")
    return deadline + MARGIN_SECONDS if deadline else TIMEOUT_SECONDS


def queries(job: Manifest) -> list[Query]:
    """Return the queries for the Job and its pods."""
    metadata = job["metadata"]
    namespace, labels = metadata["namespace"], {"batch.kubernetes.io/controller-uid": metadata["uid"]}
    return [
        Query(api_version="batch/v1", kind="Job", namespace=namespace, name=metadata["name"]),
        Query(api_version="v1", kind="Pod", namespace=namespace, labels=labels),
    ]


def assess(jobs: list[Manifest], all_pods: list[Manifest]) -> Verdict:
    """Return the state of the Job."""
    if not jobs:
        return Failed("it was deleted meanwhile")
    job = jobs[0]
    status, conditions = job.get("status", {}), _conditions(job)
    if is_complete(job):
        return Ready()
    if job["spec"].get("suspend"):
        return Ready()  # a suspended Job is started later by another client
    if "Failed" in conditions:
        return Failed(f"{conditions['Failed'].get('reason', '')}: {conditions['Failed'].get('message', '')}")
    trouble = pods.worst(all_pods)
    if trouble and trouble.final:
        return Failed("its pods cannot start")
    done, wanted = status.get("succeeded", 0), job["spec"].get("completions", 1)
    failed = f"; {status['failed']} failed" if status.get("failed") else ""
    return Waiting(f"{done} of {wanted} pods done{failed}")


def is_complete(job: Manifest) -> bool:
    """Return whether the Job is complete."""
    return "Complete" in _conditions(job)


def _conditions(job: Manifest) -> dict[str, Any]:
    return {one["type"]: one for one in job.get("status", {}).get("conditions", []) if one["status"] == "True"}
