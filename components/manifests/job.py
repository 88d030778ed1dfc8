"""The migration Job, which migrates the database before the pods of a release start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.manifests.labels import labels
from components.manifests.node_pool import STEADY_NODES
from components.manifests.pod import PodShape, container, pod_spec
from components.manifests.process import Process

if TYPE_CHECKING:
    from pulumi_kubernetes.batch import v1 as batch

DEADLINE_SECONDS = 600
DIGEST_CHARACTERS = 10
# A failed Job stays failed; the next `up` replaces it.
ANNOTATIONS = {"pulumi.com/replaceUnready": "true"}


def migration_name(app: str, image_ref: str) -> str:
    """Name the Job after the release, `api-migrate-0123456789`: each digest has its own Job."""
    digest = image_ref.rpartition(":")[2]
    return f"{app}-migrate-{digest[:DIGEST_CHARACTERS]}"


def migration_spec(shape: PodShape, process: Process) -> batch.JobSpecArgsDict:
    """Specify the Job. A migration is retried, because the database may be failing over."""
    pod = pod_spec(shape, container(shape, "migrate", process))
    pod["restart_policy"] = "Never"
    pod["node_selector"] = dict(STEADY_NODES)
    return {
        "backoff_limit": 3,
        "active_deadline_seconds": DEADLINE_SECONDS,
        "template": {"metadata": {"labels": labels(shape.app, "migration")}, "spec": pod},
    }
