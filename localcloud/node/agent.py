"""The node agent: runs the pods that the scheduler binds to this machine."""

import asyncio
import itertools
import logging
import shutil
from collections.abc import Coroutine
from typing import Any

from localcloud.cluster.addresses import PodAddresses
from localcloud.cluster.api import UNREACHABLE, ApiClient, ApiError, Manifest
from localcloud.cluster.events import Events
from localcloud.cluster.settings import NodeSettings
from localcloud.cluster.watch import Collection
from localcloud.node import machine
from localcloud.node.fields import ConfigError
from localcloud.node.heartbeat import Heartbeat
from localcloud.node.host import Host
from localcloud.node.pod import Pod
from localcloud.node.pod_identity import PodIdentity
from localcloud.node.secrets_store import ROTATION_SECONDS, SecretsStore

log = logging.getLogger(__name__)

LOG_NOTE_SECONDS = 1.0
LOG_CHECK_NOTES = 10
TOKEN_CHECK_SECONDS = 60.0


class NodeAgent:
    """Watches pods, ConfigMaps and Secrets, and runs each pod of this machine's nodes in its own task."""

    def __init__(self, settings: NodeSettings, api: ApiClient) -> None:
        identity = PodIdentity(api, settings.aws_endpoint, settings.state)
        self._host = Host(
            api=api,
            record=Events(api, "kubelet").record,
            images=settings.images,
            addresses=PodAddresses(settings.pod_octet),
            state=settings.state,
            aws=settings.aws_environment,
            trust=settings.trust,
            identity=identity,
            secrets_store=SecretsStore(api, settings.aws_endpoint, settings.region, identity),
        )
        self._heartbeat = Heartbeat(api, settings.region, settings.kubelet_port)
        self._nodes = set(machine.node_names())
        self._pods: dict[str, Pod] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._collections = [
            Collection(api, "/api/v1/pods", self._pod_changed),
            Collection(api, "/api/v1/configmaps", lambda _change, item: self._data_changed("configMap", item)),
            Collection(api, "/api/v1/secrets", lambda _change, item: self._data_changed("secret", item)),
        ]

    async def run(self) -> None:
        """Run until cancelled, then kill the processes of all pods; the pods stay in the API server."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._heartbeat.run())
                group.create_task(self._keep_logs())
                group.create_task(self._remove_stale_folders())
                group.create_task(self._renew_tokens())
                group.create_task(self._rotate_secrets())
                for collection in self._collections:
                    group.create_task(collection.run())
        finally:
            for pod in self._pods.values():
                pod.kill()

    def _pod_changed(self, change: str, manifest: Manifest) -> None:
        if manifest["spec"].get("nodeName") not in self._nodes:
            return
        manifest.setdefault("kind", "Pod")  # list responses omit the kind of their items
        uid = manifest["metadata"]["uid"]
        known = self._pods.get(uid)
        if change == "DELETED":
            if known:
                known.forget()
        elif known:
            known.update(manifest)
        else:
            pod = self._pods[uid] = Pod(self._host, manifest)
            self._start(self._run(uid, pod))

    async def _run(self, uid: str, pod: Pod) -> None:
        try:
            await pod.run()
        except Exception:  # one pod must not stop the others
            log.exception("pod %s was given up", pod.name)
        finally:
            del self._pods[uid]
            self._host.identity.forget(uid)
            self._host.secrets_store.forget(uid)

    def _data_changed(self, kind: str, manifest: Manifest) -> None:
        metadata = manifest["metadata"]
        for pod in self._pods.values():
            same_namespace = pod.manifest["metadata"]["namespace"] == metadata["namespace"]
            if same_namespace and pod.refers_to(kind, metadata["name"]):
                self._start(pod.refresh_volumes())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_logs(self) -> None:
        for count in itertools.count(1):
            await asyncio.sleep(LOG_NOTE_SECONDS)
            for pod in self._pods.values():
                pod.note_logs()
                if count % LOG_CHECK_NOTES == 0:
                    pod.bound_logs()

    async def _renew_tokens(self) -> None:
        while True:
            await asyncio.sleep(TOKEN_CHECK_SECONDS)
            for pod in list(self._pods.values()):
                try:
                    await self._host.identity.renew(pod.manifest)
                except (ConfigError, ApiError, *UNREACHABLE) as error:
                    log.warning("token of %s not renewed: %r", pod.name, error)

    async def _rotate_secrets(self) -> None:
        while True:
            await asyncio.sleep(ROTATION_SECONDS)
            await asyncio.gather(*(pod.rotate_secrets() for pod in self._pods.values()))

    async def _remove_stale_folders(self) -> None:
        """Remove the folders of pods that were deleted while this agent was not running."""
        await self._collections[0].synced.wait()
        for folder in (self._host.state / "pods").glob("*"):
            if folder.name not in self._pods:
                shutil.rmtree(folder, ignore_errors=True)
