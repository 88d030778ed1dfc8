"""What all pods of this machine share."""

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

# The interpreter and the locked dependencies of the bundled service are those that this process runs with.
PATH = os.pathsep.join([str(Path(sys.executable).parent), MACHINE_PATH])

NODE_LOCK = "node.lock"
"""Held by the node agent; what pods start belongs to its holder."""

_COLLECTIONS = {"configMap": "configmaps", "secret": "secrets"}


@dataclass(frozen=True, kw_only=True)
class Host:
    """The API server, the images, the addresses and the folders."""

    api: ApiClient
    record: Recorder
    images: ImageStore
    addresses: PodAddresses
    state: Path
    aws: Mapping[str, str]
    """Variables that every container is given, unless its image or its pod sets them."""
    trust: Mapping[str, str]
    """Variables that every container is given, whatever its image and its pod set."""
    identity: PodIdentity
    secrets_store: SecretsStore

    def folder(self, pod: Manifest) -> Path:
        """Return where a pod's volumes lie; 0700."""
        path = self.state / "pods" / str(pod["metadata"]["uid"])
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    async def sources(self, pod: Manifest, address: str) -> Sources:
        """Return what the pod's environment and volumes refer to, read now."""
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
    """Wait; True where the event came first."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True
