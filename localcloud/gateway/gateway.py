"""Keeps a listener for each port of each Service of type LoadBalancer, and updates the status of the Services."""

import asyncio
import errno
import logging
from dataclasses import dataclass, field
from typing import Any

from localcloud.cluster.api import JSON_MERGE, UNREACHABLE, ApiClient, ApiError, Manifest, NotFoundError
from localcloud.cluster.events import Events, now
from localcloud.cluster.settings import NodeSettings
from localcloud.cluster.watch import Collection, key_of
from localcloud.gateway.endpoints import SERVICE_LABEL, backends
from localcloud.gateway.proxy import Backends, Listener
from localcloud.kubernetes.load_balancer import is_ours, problems

log = logging.getLogger(__name__)

FINALIZER = "service.kubernetes.io/load-balancer-cleanup"
CONDITION = "LoadBalancerReady"
RETRY_SECONDS = 2.0


@dataclass
class _Port:
    """A port of a Service with its listener."""

    name: str
    backends: Backends = field(default_factory=Backends)
    listener: Listener | None = None


class Gateway:
    """The network load balancers of a local cloud."""

    def __init__(self, settings: NodeSettings, api: ApiClient) -> None:
        self._address = settings.gateway_address
        self._api = api
        self._events = Events(api, "service-controller")
        self._ports: dict[str, dict[int, _Port]] = {}
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._services = Collection(api, "/api/v1/services", self._service_changed)
        self._slices = Collection(api, "/apis/discovery.k8s.io/v1/endpointslices", self._slice_changed)

    async def run(self) -> None:
        """Run until cancelled, then close all ports."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._services.run())
                group.create_task(self._slices.run())
                group.create_task(self._work())
        finally:
            for key in list(self._ports):
                self._close(key)

    def _service_changed(self, _change: str, service: Manifest) -> None:
        self._queue.put_nowait(key_of(service))

    def _slice_changed(self, _change: str, item: Manifest) -> None:
        """Update backends immediately, bypassing the queue, because a terminating pod must get no new connections."""
        name = (item["metadata"].get("labels") or {}).get(SERVICE_LABEL)
        if name:
            self._update_backends(f"{item['metadata']['namespace']}/{name}")

    def _update_backends(self, key: str) -> None:
        namespace, _, name = key.partition("/")
        slices = [
            item
            for item in self._slices.objects.values()
            if item["metadata"]["namespace"] == namespace
            and (item["metadata"].get("labels") or {}).get(SERVICE_LABEL) == name
        ]
        for port in self._ports.get(key, {}).values():
            port.backends.replace(backends(slices, port.name))

    async def _work(self) -> None:
        while True:
            key = await self._queue.get()
            try:
                await self._reconcile(key)
            except (ApiError, *UNREACHABLE) as error:
                log.warning("load balancer of %s not reconciled: %r", key, error)
                self._again(key)

    def _again(self, key: str) -> None:
        asyncio.get_running_loop().call_later(RETRY_SECONDS, self._queue.put_nowait, key)

    async def _reconcile(self, key: str) -> None:
        service = self._services.objects.get(key)
        if service is None:
            self._close(key)
            return
        service.setdefault("kind", "Service")  # list responses omit the kind of their items
        if not is_ours(service) or service["metadata"].get("deletionTimestamp"):
            self._close(key)
            await self._clean_up(service)
            return
        if FINALIZER not in service["metadata"].get("finalizers", []):
            await self._set_finalizers(service, [*service["metadata"].get("finalizers", []), FINALIZER])
        problem = await self._refuse(key, service) or await self._open(key, service)
        self._update_backends(key)
        await self._report(service, problem)
        if problem:
            self._again(key)

    async def _refuse(self, key: str, service: Manifest) -> tuple[str, str] | None:
        """Close the ports of a Service that the EKS controller would reject, and return its reason and message."""
        refused = list(problems(service))
        if not refused:
            return None
        self._close(key)
        return "FailedBuildModel", "; ".join(refused)

    async def _open(self, key: str, service: Manifest) -> tuple[str, str] | None:
        """Listen on the ports of a Service; return a reason and a message if a port cannot be opened."""
        wanted = {port["port"]: port.get("name") or "" for port in service["spec"]["ports"]}
        held = self._ports.setdefault(key, {})
        for number in set(held) - set(wanted):
            self._close_port(key, number)
        for number, name in wanted.items():
            port = held.setdefault(number, _Port(name=name))
            port.name = name
            if port.listener is None:
                listener = Listener(port.backends)
                try:
                    await listener.open(self._address, number)
                except OSError as error:
                    return self._problem(key, number, error)
                port.listener = listener
                log.info("%s listens on %s:%d", key, self._address, number)
        return None

    def _problem(self, key: str, port: int, error: OSError) -> tuple[str, str]:
        where = f"port {port} of {self._address}"
        if error.errno == errno.EADDRINUSE:
            owner = next((other for other, ports in self._ports.items() if other != key and port in ports), None)
            by = f"the Service {owner}" if owner else "another program on this machine"
            problem = "PortInUse", f"{where} is in use by {by}; stop that, or give the Service a free port"
        elif error.errno == errno.EACCES:
            problem = (
                "PortNotAllowed",
                f"{where} may not be opened by this user; give the Service a port from 1024, "
                f"or run `sudo sysctl net.ipv4.ip_unprivileged_port_start={port}`",
            )
        else:
            problem = "PortNotOpened", f"{where} cannot be opened: {error.strerror}; give the Service another port"
        log.error("%s: %s", key, problem[1])
        return problem

    async def _report(self, service: Manifest, problem: tuple[str, str] | None) -> None:
        reason, message = problem or ("Listening", f"listens on {self._address}")
        ingress: list[dict[str, Any]] = [] if problem else [{"ip": self._address, "ipMode": "VIP"}]
        status = service.get("status", {})
        known: Manifest = next((item for item in status.get("conditions") or [] if item["type"] == CONDITION), {})
        value = "False" if problem else "True"
        if (known.get("status"), known.get("message")) == (value, message) and ingress == (
            status.get("loadBalancer", {}).get("ingress") or []
        ):
            return
        condition = {"type": CONDITION, "status": value, "reason": reason, "message": message}
        condition["lastTransitionTime"] = now() if known.get("status") != value else known["lastTransitionTime"]
        others = [item for item in status.get("conditions") or [] if item["type"] != CONDITION]
        if problem:
            self._events.record(service, "Warning", *problem)
        await self._patch(
            service,
            {"status": {"conditions": [*others, condition], "loadBalancer": {"ingress": ingress or None}}},
            "/status",
        )

    async def _clean_up(self, service: Manifest) -> None:
        """Remove the finalizer of a Service, and the address of one that is no longer of type LoadBalancer."""
        finalizers = service["metadata"].get("finalizers", [])
        if FINALIZER not in finalizers:
            return
        if not service["metadata"].get("deletionTimestamp"):
            await self._patch(service, {"status": {"conditions": None, "loadBalancer": None}}, "/status")
        await self._set_finalizers(service, [item for item in finalizers if item != FINALIZER])

    async def _set_finalizers(self, service: Manifest, finalizers: list[str]) -> None:
        await self._patch(service, {"metadata": {"finalizers": finalizers}})

    async def _patch(self, service: Manifest, body: Manifest, subresource: str = "") -> None:
        metadata = service["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/services/{metadata['name']}{subresource}"
        try:
            await self._api.patch(path, body, JSON_MERGE)
        except NotFoundError:
            log.info("Service %s was deleted meanwhile", metadata["name"])

    def _close(self, key: str) -> None:
        for number in list(self._ports.get(key, {})):
            self._close_port(key, number)
        self._ports.pop(key, None)

    def _close_port(self, key: str, number: int) -> None:
        listener = self._ports[key].pop(number).listener
        if listener:
            listener.close()
            log.info("%s no longer listens on %s:%d", key, self._address, number)
