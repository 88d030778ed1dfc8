"""Containers that crashed although their pods became available."""

from collections.abc import Iterable
from typing import Any

from localcloud.cloud import Cloud
from localcloud.kubernetes.reader import reader


def restarted(cloud: Cloud) -> list[str]:
    """Describe each container of the cluster that was started more than once."""
    with reader(cloud) as client:
        return described(client.get("/api/v1/pods").raise_for_status().json()["items"])


def described(pods: Iterable[dict[str, Any]]) -> list[str]:
    """Give `namespace/pod container NAME: N restarts, last exit code C (REASON)` for each container that restarted."""
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
