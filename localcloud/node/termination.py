"""Terminates a container: preStop hook, SIGTERM, and SIGKILL when the grace period is over."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from localcloud.cluster.api import UNREACHABLE, ApiError, Manifest
from localcloud.node.host import Host
from localcloud.node.process import Process

# The kubelet allows this much time after a preStop handler that has used up the grace period.
MINIMUM_TERM_SECONDS = 2.0
SELECTED_CHECK_SECONDS = 0.5


async def terminate(
    process: Process, spec: Manifest, grace: float, pre_stop: Callable[[], Awaitable[None]] | None
) -> None:
    """Terminate a running process as the kubelet does.

    Args:
        process: the container's process.
        spec: the container's spec, which may set the stop signal.
        grace: seconds until SIGKILL, including the time of the preStop hook.
        pre_stop: runs the preStop hook; None if the container has none.
    """
    deadline = time.monotonic() + grace
    if pre_stop:
        hook = asyncio.ensure_future(pre_stop())
        ended = asyncio.create_task(process.wait())
        await asyncio.wait({hook, ended}, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        hook.cancel()
        ended.cancel()
    process.signal(signal.Signals[spec.get("lifecycle", {}).get("stopSignal") or "SIGTERM"])
    least = MINIMUM_TERM_SECONDS if pre_stop else 0.0
    try:
        await asyncio.wait_for(process.wait(), max(deadline - time.monotonic(), least))
    except TimeoutError:
        process.kill()
        await process.wait()


async def sleep_while_needed(host: Host, pod: Manifest, seconds: float) -> None:
    """Sleep for a preStop hook, but return early if no Service selects the pod or its whole workload is deleted.

    The sleep gives load balancers time to route traffic to other pods. The kubelet always sleeps for the full time.
    Here the sleep ends early for a pod that receives no traffic or that no other pod replaces, so that deleting a
    stack is fast.
    """
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if not await _is_selected(host, pod) or await _is_last(host, pod):
            return
        await asyncio.sleep(min(left, SELECTED_CHECK_SECONDS))


async def _is_selected(host: Host, pod: Manifest) -> bool:
    metadata = pod["metadata"]
    try:
        services = await host.api.get(f"/api/v1/namespaces/{metadata['namespace']}/services")
    except (ApiError, *UNREACHABLE):
        return True
    labels = metadata.get("labels") or {}
    selectors = [service["spec"].get("selector") for service in services["items"]]
    return any(selector and selector.items() <= labels.items() for selector in selectors)


async def _is_last(host: Host, pod: Manifest) -> bool:
    """Return whether the pod's ReplicaSet is deleted, as when its Deployment is deleted; a rollout keeps it."""
    metadata = pod["metadata"]
    owner = next((each for each in metadata.get("ownerReferences") or () if each["kind"] == "ReplicaSet"), None)
    if owner is None:
        return False
    path = f"/apis/apps/v1/namespaces/{metadata['namespace']}/replicasets/{owner['name']}"
    try:
        found = await host.api.get(path)
    except ApiError as error:
        return error.code == HTTPStatus.NOT_FOUND
    except UNREACHABLE:
        return False
    return "deletionTimestamp" in found["metadata"]
