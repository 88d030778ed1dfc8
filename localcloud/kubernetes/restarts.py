"""Reports containers that have restarted although their pods became available."""

from collections.abc import Iterable
from typing import Any

from localcloud.cloud import Cloud
from localcloud.kubernetes.reader import reader


def restarted(cloud: Cloud) -> list[str]:
    """Return a description of each container in the cluster that has restarted."""
    with reader(cloud) as client:
        return described(client.get("/api/v1/pods").raise_for_status().json()["items"])


def described(pods: Iterable[dict[str, Any]]) -> list[str]:
    """Return `namespace/pod container NAME: N restart(s), last exit code C (REASON)` for each restarted container."""
    return [
        f"{pod['metadata']['namespace']}/{pod['metadata']['name']} container {container['name']}: "
        f"{container['restartCount']} restart(s){_last(container)}"
        for pod in pods
        for container in pod.get("status", {}).get("containerStatuses") or ()
        if container.get("restartCount", 0)
    ]


def _last(container: dict[str, Any]) -> str:
    ended = container.get("lastState", {}).get("terminated")
    return f", last exit code {ended['exitCode']} ({ended.get('reason', 'no reason given')})" if ended else ""
