"""The lifecycle of one pod, from its binding to this machine to its deletion."""

import asyncio
import logging
import math
import shutil
from datetime import UTC, datetime

from localcloud.cluster.addresses import loopback_of
from localcloud.cluster.api import UNREACHABLE, ApiError, ConflictError, Manifest, NotFoundError
from localcloud.cluster.events import now
from localcloud.images.store import digest_in
from localcloud.node import support, volumes
from localcloud.node.container import Container
from localcloud.node.environment import Sources
from localcloud.node.fields import ConfigError
from localcloud.node.host import Host, unless
from localcloud.node.machine import HOST_ADDRESS
from localcloud.node.pod_volumes import PodVolumes
from localcloud.node.status import ContainerStatus, pod_status

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
DEADLINE_CHECK_SECONDS = 1.0
FORCED_GRACE_SECONDS = 1.0  # the minimum that the kubelet allows


class Pod:
    """Runs a pod.

    `run` returns when the pod has been removed from the API server. The caller reports changes in the API server with
    the other methods.
    """

    def __init__(self, host: Host, manifest: Manifest) -> None:
        self.manifest = manifest
        self._host = host
        self._spec = manifest["spec"]
        self._policy = self._spec.get("restartPolicy", "Always")
        self._deleting = asyncio.Event()
        self._gone = asyncio.Event()
        self._dirty = asyncio.Event()
        self._containers: list[Container] = []
        self._volumes = PodVolumes(host, manifest)
        self._refusals: list[str] = []
        status = manifest.get("status", {})
        self._started_at = status.get("startTime") or now()
        previous = {
            item["name"]: item
            for key in ("initContainerStatuses", "containerStatuses")
            for item in status.get(key) or []
        }
        self._init = [self._status(spec, previous) for spec in self._spec.get("initContainers", [])]
        self._main = [self._status(spec, previous) for spec in self._spec["containers"]]
        self._over = status.get("phase") in {"Succeeded", "Failed"}
        self._failure: tuple[str, str] | None = None
        known = status.get("podIP", "")
        self.address = ""
        if not self._over:
            self.address = known if host.addresses.reserve(known) else host.addresses.allocate()
        self.update(manifest)

    def update(self, manifest: Manifest) -> None:
        """Handle a new version of the pod from the API server."""
        self.manifest = manifest
        if manifest["metadata"].get("deletionTimestamp"):
            self._deleting.set()
        elif not self._refusals and (late := support.refusals(manifest["spec"])):  # `kubectl debug` adds a container
            self._refusals = late
            self._host.record(manifest, "Warning", "Unsupported", "; ".join(late))
        self._dirty.set()  # the node controller may have marked the pod unready while heartbeats were missing

    def forget(self) -> None:
        """Handle the removal of the pod from the API server without waiting for this machine (a forced deletion)."""
        self._gone.set()
        self._deleting.set()

    def refers_to(self, kind: str, name: str) -> bool:
        """Return whether the pod uses this `configMap` or `secret`."""
        return (kind, name) in volumes.references(self.manifest)

    async def refresh_volumes(self) -> None:
        """Update the mounted files after a ConfigMap or Secret has changed."""
        if self._over or not self._volumes.folders:
            return
        try:
            self._volumes.update(await self._sources())
        except (ConfigError, ApiError, *UNREACHABLE) as error:
            log.info("volumes of %s left as they were: %s", self.name, error)

    async def rotate_secrets(self) -> None:
        """Update the mounted secrets from Secrets Manager."""
        if not self._over and not self._deleting.is_set():
            await self._volumes.rotate()

    @property
    def name(self) -> str:
        """The pod's name in the form namespace/name."""
        return f"{self.manifest['metadata']['namespace']}/{self.manifest['metadata']['name']}"

    async def run(self) -> None:
        """Run the pod's containers until the pod is deleted, then stop them and remove the pod."""
        publisher = asyncio.create_task(self._publish_changes())
        work = None if self._over else asyncio.create_task(self._run_containers())
        deadline = asyncio.create_task(self._keep_deadline(work)) if work else None
        try:
            await self._deleting.wait()
            if deadline:
                deadline.cancel()
            grace = self.manifest["metadata"].get("deletionGracePeriodSeconds", 30)
            if self._gone.is_set():
                grace = FORCED_GRACE_SECONDS
            await asyncio.gather(*(container.stop(grace) for container in self._containers))
            if work:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
            publisher.cancel()
            await asyncio.gather(publisher, return_exceptions=True)
            await self._remove()
        finally:
            for container in self._containers:
                container.kill()
            publisher.cancel()
            for task in (work, deadline):
                if task:
                    task.cancel()

    async def _keep_deadline(self, work: "asyncio.Task[None]") -> None:
        """Fail the pod when its activeDeadlineSeconds have passed; an update may set or shorten the deadline."""
        while (left := self._seconds_left()) > 0:
            done, _ = await asyncio.wait({work}, timeout=min(left, DEADLINE_CHECK_SECONDS))
            if done:
                return
        message = "Pod was active on the node longer than the specified deadline"
        self._host.record(self.manifest, "Normal", "DeadlineExceeded", message)
        await asyncio.gather(*(container.stop(self._grace) for container in self._containers))
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        self._failure = ("DeadlineExceeded", message)
        self._over = True
        self._dirty.set()

    def _seconds_left(self) -> float:
        seconds = self.manifest["spec"].get("activeDeadlineSeconds")
        if seconds is None:
            return math.inf
        started = datetime.fromisoformat(self._started_at)
        return float(seconds - (datetime.now(UTC) - started).total_seconds())

    @property
    def _grace(self) -> float:
        grace = self._spec.get("terminationGracePeriodSeconds")
        return 30.0 if grace is None else float(grace)

    def kill(self) -> None:
        """Kill the pod's processes immediately, without reporting it to the API server."""
        for container in self._containers:
            container.kill()

    def note_logs(self) -> None:
        """Record the current time for each container log that has grown."""
        for container in self._containers:
            container.log.note()

    def bound_logs(self) -> None:
        """Truncate container logs that have grown too large."""
        for container in self._containers:
            container.log.bound()

    def _status(self, spec: Manifest, previous: dict[str, Manifest]) -> ContainerStatus:
        found = previous.get(spec["name"])
        if found is None:
            return ContainerStatus(name=spec["name"], image=spec["image"])
        return ContainerStatus.recovered(spec["name"], spec["image"], found)

    async def _run_containers(self) -> None:
        if self._refusals:
            for status in (*self._init, *self._main):
                status.restarting("CreateContainerConfigError", "; ".join(self._refusals))
            self._dirty.set()
            await self._deleting.wait()
            return
        if not await self._prepare_volumes():
            return
        for spec, status in zip(self._spec.get("initContainers", []), self._init, strict=True):
            self._revive(status, "PodInitializing")
            await self._container(spec, status).run("Never" if self._policy == "Never" else "OnFailure")
            if status.exit_code != 0:
                return
        await asyncio.gather(*(self._run_main(spec, status) for spec, status in self._mains()))
        if not self._deleting.is_set():
            self._over = True
            self._dirty.set()

    def _mains(self) -> list[tuple[Manifest, ContainerStatus]]:
        return list(zip(self._spec["containers"], self._main, strict=True))

    async def _run_main(self, spec: Manifest, status: ContainerStatus) -> None:
        code = status.exit_code
        if code is not None and (self._policy == "Never" or (self._policy == "OnFailure" and code == 0)):
            return  # it completed before the node agent was restarted, so it is not started again
        self._revive(status, "ContainerCreating")
        await self._container(spec, status).run(self._policy)

    def _revive(self, status: ContainerStatus, reason: str) -> None:
        if status.exit_code is not None:
            status.restarting(reason)
            status.restart_count += 1

    def _container(self, spec: Manifest, status: ContainerStatus) -> Container:
        container = Container(
            self._host,
            self.manifest,
            spec,
            status,
            volumes=self._volumes.folders,
            address=loopback_of(self.address),
            sources=lambda: asyncio.ensure_future(self._sources()),
            changed=self._dirty.set,
        )
        self._containers.append(container)
        return container

    async def _sources(self) -> Sources:
        return await self._host.sources(self.manifest, self.address)

    async def _prepare_volumes(self) -> bool:
        """Write every volume, waiting for missing objects; return False if the pod is deleted first."""
        images = {digest_in(spec["image"]) or "" for spec in self._spec["containers"]}
        (self._host.folder(self.manifest) / "images").write_text("\n".join(sorted(images)))
        while not self._deleting.is_set():
            try:
                await self._volumes.prepare(await self._sources())
                return True
            except ConfigError as error:
                self._host.record(self.manifest, "Warning", "FailedMount", str(error))
            except (ApiError, OSError, *UNREACHABLE) as error:
                log.warning("volumes of %s not written: %s", self.name, error)
            await unless(self._deleting, RETRY_SECONDS)
        return False

    async def _publish_changes(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            try:
                await self._publish()
            except (NotFoundError, ConflictError):
                return
            except (ApiError, *UNREACHABLE) as error:
                log.warning("status of %s not written: %r", self.name, error)
                await asyncio.sleep(RETRY_SECONDS)
                self._dirty.set()

    async def _publish(self) -> None:
        status = pod_status(
            self.manifest,
            self._init,
            self._main,
            address=self.address,
            host_address=HOST_ADDRESS,
            started_at=self._started_at,
            failure=self._failure,
        )
        if self._over and not self.address:
            return  # the pod had completed before the node agent was restarted
        if _agrees(self.manifest.get("status", {}), status):
            return
        metadata = self.manifest["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/status"
        self.manifest = await self._host.api.patch(path, {"metadata": {"uid": metadata["uid"]}, "status": status})
        if self.manifest["metadata"].get("deletionTimestamp"):
            self._deleting.set()

    async def _remove(self) -> None:
        """Publish the final status, remove the pod from the API server, and free its address, logs and folder."""
        metadata = self.manifest["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        while not self._gone.is_set():
            try:
                await self._publish()
                await self._host.api.delete_now(path, metadata["uid"])
                break
            except (NotFoundError, ConflictError):
                break
            except (ApiError, *UNREACHABLE) as error:
                log.warning("end of %s not reported: %r", self.name, error)
                await unless(self._gone, RETRY_SECONDS)
        self._host.addresses.release(self.address)
        for container in self._containers:
            container.log.remove()
        shutil.rmtree(self._host.folder(self.manifest), ignore_errors=True)


def _agrees(known: Manifest, wanted: Manifest) -> bool:
    """Return whether the API server already has this status, ignoring times and generation."""
    conditions = {item["type"]: item for item in known.get("conditions") or []}
    for condition in wanted["conditions"]:
        found = conditions.get(condition["type"], {})
        if any((found.get(key) or None) != condition[key] for key in ("status", "reason", "message")):
            return False
    plain = ("phase", "reason", "podIP", "hostIP")
    if any(known.get(key) != wanted[key] for key in plain if key in wanted):
        return False
    lists = ("initContainerStatuses", "containerStatuses")
    return all(
        [_core(item) for item in known.get(key) or []] == [_core(item) for item in wanted.get(key) or []]
        for key in lists
    )


def _core(status: Manifest) -> Manifest:
    keys = ("name", "state", "lastState", "restartCount", "started", "ready", "containerID")
    return {key: status.get(key) for key in keys}
