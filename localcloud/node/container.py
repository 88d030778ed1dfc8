"""One container of a pod: its process, probes, restarts and termination."""

import asyncio
import logging
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from localcloud.cluster.api import UNREACHABLE, ApiError, Manifest
from localcloud.images.store import digest_in
from localcloud.node.backoff import CrashBackoff, restarts
from localcloud.node.environment import Sources
from localcloud.node.fields import ConfigError
from localcloud.node.host import Host, unless
from localcloud.node.launch import Launch, copy_image, prepare
from localcloud.node.logs import MESSAGE_BYTES, MESSAGE_LINES, LogFile
from localcloud.node.probes import Probe, Verdict, ask, http_get
from localcloud.node.process import Process, execute
from localcloud.node.status import ContainerStatus
from localcloud.node.termination import sleep_while_needed, terminate

log = logging.getLogger(__name__)

# Short, because a missing object may be created at any time and requests to the local API server are cheap.
RETRY_SECONDS = 2.0
START_ERROR = 128


class Container:
    """Runs one container of a pod.

    Args:
        host: what all pods on this machine share.
        pod: the pod as stored in the API server.
        spec: the container's spec within the pod.
        status: the container's status, which this object keeps up to date.
        volumes: volume name -> folder.
        address: the pod's loopback address.
        sources: reads the objects that the container's environment refers to.
        changed: called after each change of `status`.
    """

    def __init__(
        self,
        host: Host,
        pod: Manifest,
        spec: Manifest,
        status: ContainerStatus,
        *,
        volumes: dict[str, Path],
        address: str,
        sources: Callable[[], "asyncio.Future[Sources]"],
        changed: Callable[[], None],
    ) -> None:
        self.spec = spec
        self.status = status
        self._host = host
        self._pod = pod
        self._volumes = volumes
        self._address = address
        self._sources = sources
        self._changed = changed
        self._stopping = asyncio.Event()
        self._process: Process | None = None
        self._launch = Launch(argv=[], env={}, cwd=Path("/"))
        self._ports = {port["name"]: port["containerPort"] for port in spec.get("ports", []) if "name" in port}
        metadata = pod["metadata"]
        self.log = LogFile(host.state, metadata["namespace"], metadata["name"], spec["name"])

    async def run(self, policy: str) -> None:
        """Run the container, restarting it as the restart policy says, until it completes or is stopped."""
        backoff = CrashBackoff()
        while not self._stopping.is_set():
            began = time.monotonic()
            await self._run_once()
            exit_code = self.status.exit_code
            if self._stopping.is_set() or exit_code is None or not restarts(policy, exit_code):
                return
            delay = backoff.after(time.monotonic() - began)
            if delay:
                name = self._pod["metadata"]["name"]
                message = f"back-off {delay:.0f}s restarting failed container={self.spec['name']} pod={name}"
                self.status.restarting("CrashLoopBackOff", message)
                self._changed()
                self._event("Warning", "BackOff", message)
                if await unless(self._stopping, delay):
                    return
            self.status.restarting("ContainerCreating")
            self.status.restart_count += 1

    async def stop(self, grace: float) -> None:
        """Stop the container for good: preStop hook, SIGTERM, then SIGKILL after the grace period in seconds."""
        self._stopping.set()
        if self._process and self._process.running:
            self._event("Normal", "Killing", f"Stopping container {self.spec['name']}")
            await self._terminate(grace)

    def kill(self) -> None:
        """Kill the container immediately; it is not restarted."""
        self._stopping.set()
        if self._process:
            self._process.kill()

    async def _run_once(self) -> None:
        process = await self._start()
        if process is None:
            return
        probes = asyncio.create_task(self._watch_health())
        exit_code = await process.wait()
        probes.cancel()
        with suppress(asyncio.CancelledError):
            await probes
        message = ""
        if exit_code and self.spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            message = self.log.tail(MESSAGE_LINES, limit=MESSAGE_BYTES)
        self.status.end(exit_code, message=message)
        self._changed()

    async def _start(self) -> Process | None:
        """Start the process once its image and objects exist; return None if it is stopped or cannot be executed."""
        while not self._stopping.is_set():
            digest = digest_in(self.spec["image"])
            if digest is None or not self._host.images.has(digest):
                message = f"{self.spec['image']} is not on this machine: only images built by this local cloud can run"
                first = self.status.state.get("waiting", {}).get("reason") != "ImagePullBackOff"
                self._wait("ErrImagePull" if first else "ImagePullBackOff", message)
                if await unless(self._stopping, RETRY_SECONDS):
                    return None
                self._wait("ImagePullBackOff", message)
                continue
            try:
                sources = await self._sources()
                launch = prepare(
                    self._host,
                    self._pod,
                    self.spec,
                    digest=digest,
                    sources=sources,
                    volumes=self._volumes,
                    identity=await self._host.identity.variables(self._pod),
                )
                if self._host.images.is_container(digest):
                    await asyncio.to_thread(copy_image, self._host, self._pod, self.spec, digest)
            except ConfigError as error:
                self._wait("CreateContainerConfigError", str(error))
            except (ApiError, *UNREACHABLE) as error:
                self._wait("ContainerCreating", f"the API server is unavailable: {error}")
            else:
                return None if self._stopping.is_set() else await self._spawn(digest, launch)
            await unless(self._stopping, RETRY_SECONDS)
        return None

    async def _spawn(self, digest: str, launch: Launch) -> Process | None:
        output = self.log.open()
        container_id = f"drydock://{secrets.token_hex(32)}"
        try:
            self._process = await Process.start(
                launch.argv, env=launch.env, cwd=launch.cwd, output=output, wrapped=bool(launch.wrapper)
            )
        except OSError as error:
            os.write(output, f"{launch.argv[0]}: {error.strerror}\n".encode())
            message = f"failed to start {launch.argv[0]!r}: {error.strerror}; only programs of this machine can run"
            self._event("Warning", "Failed", message)
            self.status.begin(container_id, digest)
            self.status.end(START_ERROR, "StartError", message)
            self._changed()
            return None
        finally:
            os.close(output)
        if self._stopping.is_set():
            self._process.kill()
        self._launch = launch
        self.status.begin(container_id, digest)
        self.status.started = "startupProbe" not in self.spec
        self.status.ready = self.status.started and "readinessProbe" not in self.spec
        self._changed()
        self._event("Normal", "Started", f"Started container {self.spec['name']} (process {self._process.pid})")
        return self._process

    async def _watch_health(self) -> None:
        if "startupProbe" in self.spec:
            probe = Probe.of(self.spec["startupProbe"])
            if not await self._until_started(probe):
                return
            self.status.started = True
            self.status.ready = "readinessProbe" not in self.spec
            self._changed()
        async with asyncio.TaskGroup() as group:
            if "livenessProbe" in self.spec:
                group.create_task(self._watch_liveness(Probe.of(self.spec["livenessProbe"])))
            if "readinessProbe" in self.spec:
                group.create_task(self._watch_readiness(Probe.of(self.spec["readinessProbe"])))

    async def _until_started(self, probe: Probe) -> bool:
        verdict = Verdict(probe)
        await asyncio.sleep(probe.initial_delay)
        while True:
            decided = verdict.record(await self._passes(probe, "Startup"))
            if decided is not None:
                if not decided:
                    await self._restart_unhealthy(probe, "startup")
                return decided
            await asyncio.sleep(probe.period)

    async def _watch_liveness(self, probe: Probe) -> None:
        verdict = Verdict(probe)
        await asyncio.sleep(probe.initial_delay)
        while verdict.record(await self._passes(probe, "Liveness")) is not False:  # noqa: ASYNC110 - it asks, each time
            await asyncio.sleep(probe.period)
        await self._restart_unhealthy(probe, "liveness")

    async def _watch_readiness(self, probe: Probe) -> None:
        verdict = Verdict(probe)
        await asyncio.sleep(probe.initial_delay)
        while True:
            decided = verdict.record(await self._passes(probe, "Readiness"))
            if decided is not None and decided != self.status.ready:
                self.status.ready = decided
                self._changed()
            await asyncio.sleep(probe.period)

    async def _passes(self, probe: Probe, name: str) -> bool:
        failure = await ask(probe, self._address, self._ports, self._exec)
        if failure is not None:
            self._event("Warning", "Unhealthy", f"{name} probe failed: {failure}")
        return failure is None

    async def _restart_unhealthy(self, probe: Probe, name: str) -> None:
        if not self._stopping.is_set():
            message = f"Container {self.spec['name']} failed {name} probe, will be restarted"
            self._event("Normal", "Killing", message)
            grace = probe.grace if probe.grace is not None else self._pod_grace
            # Run in another task, because this one is cancelled as soon as the process has ended.
            await asyncio.shield(asyncio.ensure_future(self._terminate(grace)))

    @property
    def _pod_grace(self) -> float:
        return float(self._pod["spec"].get("terminationGracePeriodSeconds") or 30)

    async def _terminate(self, grace: float) -> None:
        if self._process and self._process.running:
            handler = self.spec.get("lifecycle", {}).get("preStop")
            hook = (lambda: self._pre_stop(handler, grace)) if handler else None
            await terminate(self._process, self.spec, grace, hook)

    async def _pre_stop(self, handler: Manifest, grace: float) -> None:
        failure: str | None = None
        try:
            if "sleep" in handler:
                await sleep_while_needed(self._host, self._pod, handler["sleep"]["seconds"])
            elif "httpGet" in handler:
                failure = await http_get(handler["httpGet"], self._address, self._ports)
            elif "exec" in handler:
                failure = await self._exec(handler["exec"]["command"], grace)
        except (OSError, TimeoutError, *UNREACHABLE) as error:
            failure = str(error)
        if failure:
            self._event("Warning", "FailedPreStopHook", f"PreStopHook failed: {failure}")

    async def _exec(self, argv: list[str], seconds: float) -> str | None:
        argv = [*self._launch.wrapper, *argv]
        return await execute(argv, env=self._launch.env, cwd=self._launch.cwd, seconds=seconds)

    def _wait(self, reason: str, message: str) -> None:
        if self.status.state.get("waiting") != {"reason": reason, "message": message}:
            self.status.restarting(reason, message)
            self._changed()
            self._event("Warning", "Failed", f"{reason}: {message}")

    def _event(self, kind: str, reason: str, message: str) -> None:
        self._host.record(self._pod, kind, reason, message)
