"""What all pods on this machine share: the API client, images, addresses and folders."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.cluster.addresses import PodAddresses, loopback_of
from localcloud.cluster.api import ApiClient, Manifest, NotFoundError
from localcloud.cluster.events import Recorder
from localcloud.images.store import ImageStore
from localcloud.node.environment import Sources
from localcloud.node.machine import ALLOCATABLE, HOST_ADDRESS
from localcloud.node.pod_identity import PodIdentity
from localcloud.node.secrets_store import SecretsStore
from localcloud.node.volumes import references

MACHINE_PATH = os.pathsep.join(["/usr/local/bin", "/usr/bin", "/bin"])

# The bundled service runs with the interpreter and the locked dependencies of this process.
PATH = os.pathsep.join([str(Path(sys.executable).parent), MACHINE_PATH])

NODE_LOCK = "node.lock"
"""Lock file held by the node agent; processes started by pods are marked with it as their owner."""

_COLLECTIONS = {"configMap": "configmaps", "secret": "secrets"}


@dataclass(frozen=True, kw_only=True)
class Host:
    """What the node agent passes to every pod: the API client, images, addresses, folders and credentials."""

    api: ApiClient
    record: Recorder
    images: ImageStore
    addresses: PodAddresses
    state: Path
    aws: Mapping[str, str]
    """Default environment variables of every container; the image or the pod can override them."""
    trust: Mapping[str, str]
    """Environment variables of every container, which override those of the image and the pod."""
    identity: PodIdentity
    secrets_store: SecretsStore

    def folder(self, pod: Manifest) -> Path:
        """Return the folder of a pod, which holds its volumes; create it with mode 0700 if it does not exist."""
        path = self.state / "pods" / str(pod["metadata"]["uid"])
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    async def sources(self, pod: Manifest, address: str) -> Sources:
        """Read from the API server the objects that the pod's environment and volumes refer to."""
        namespace = pod["metadata"]["namespace"]
        found: dict[str, dict[str, Manifest]] = {"configMap": {}, "secret": {}}
        for kind, name in sorted(references(pod)):
            try:
                path = f"/api/v1/namespaces/{namespace}/{_COLLECTIONS[kind]}/{name}"
                found[kind][name] = await self.api.get(path)
            except NotFoundError:
                continue
        return Sources(
            pod=pod,
            config_maps=found["configMap"],
            secrets=found["secret"],
            addresses={"podIP": loopback_of(address), "hostIP": HOST_ADDRESS},
            allocatable=ALLOCATABLE,
        )


async def unless(stop: asyncio.Event, seconds: float) -> bool:
    """Wait up to `seconds` for the event, and return whether it was set in that time."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True
