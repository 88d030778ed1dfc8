"""Keeps the nodes of this machine registered and Ready, and renews their Leases."""

import asyncio
import logging
from datetime import UTC, datetime

from localcloud.cluster.api import JSON_MERGE, UNREACHABLE, ApiClient, ApiError, NotFoundError
from localcloud.node import machine
from localcloud.node.machine import LEASE_NAMESPACE, LEASE_SECONDS

log = logging.getLogger(__name__)

# As in the kubelet; the node controller taints a node whose Lease is 40 s old.
PERIOD_SECONDS = 10.0
RETRY_SECONDS = 0.5


class Heartbeat:
    """Registers this machine's nodes and reports to the API server that they are healthy."""

    def __init__(self, api: ApiClient, region: str, kubelet_port: int) -> None:
        self._api = api
        self._region = region
        self._kubelet_port = kubelet_port
        self._version = ""

    async def run(self) -> None:
        """Send heartbeats until cancelled; retry sooner while the API server is unavailable."""
        while True:
            delay = PERIOD_SECONDS
            try:
                if not self._version:
                    self._version = (await self._api.get("/version"))["gitVersion"]
                for name in machine.node_names():
                    await self._keep_node(name)
                    await self._renew_lease(name)
            except (ApiError, *UNREACHABLE) as error:
                log.warning("heartbeat failed: %r", error)
                delay = RETRY_SECONDS
            await asyncio.sleep(delay)

    async def _keep_node(self, name: str) -> None:
        wanted = machine.node(name, self._region, self._version, self._kubelet_port)
        try:
            found = await self._api.get(f"/api/v1/nodes/{name}")
        except NotFoundError:
            await self._api.create("/api/v1/nodes", wanted)
            log.info("node %s registered", name)
            return
        if not wanted["metadata"]["labels"].items() <= found["metadata"].get("labels", {}).items():
            await self._api.patch(f"/api/v1/nodes/{name}", {"metadata": {"labels": wanted["metadata"]["labels"]}})
        if not machine.is_healthy(found, self._kubelet_port):
            await self._api.patch(f"/api/v1/nodes/{name}/status", {"status": wanted["status"]})

    async def _renew_lease(self, name: str) -> None:
        leases = f"/apis/coordination.k8s.io/v1/namespaces/{LEASE_NAMESPACE}/leases"
        spec = {
            "holderIdentity": name,
            "leaseDurationSeconds": LEASE_SECONDS,
            "renewTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        try:
            await self._api.patch(f"{leases}/{name}", {"spec": spec}, JSON_MERGE)
        except NotFoundError:
            await self._api.create(leases, {"metadata": {"name": name}, "spec": spec})
