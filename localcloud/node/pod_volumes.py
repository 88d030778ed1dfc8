"""The volumes of one pod, written before its containers start and updated while they run."""

import logging
from pathlib import Path

from localcloud.cluster.api import UNREACHABLE, ApiError, Manifest
from localcloud.node import volumes
from localcloud.node.environment import Sources
from localcloud.node.fields import ConfigError
from localcloud.node.host import Host

log = logging.getLogger(__name__)


class PodVolumes:
    """Manages the folders of a pod's volumes; `folders` maps the name of each written volume to its folder."""

    def __init__(self, host: Host, pod: Manifest) -> None:
        self.folders: dict[str, Path] = {}
        self._host = host
        self._pod = pod
        spec = pod["spec"].get("volumes", [])
        self._plain = [volume for volume in spec if "csi" not in volume]
        self._csi = [volume for volume in spec if "csi" in volume]

    async def prepare(self, sources: Sources) -> None:
        """Write every volume.

        Raises:
            ConfigError: an object that a volume needs is missing or rejected; the message is that of the kubelet.
            ApiError, OSError, aiohttp.ClientError: the API server or the AWS account is unavailable.
        """
        self.update(sources)
        for volume in self._csi:
            folder = self._folder(volume)
            try:
                await self._host.secrets_store.mount(self._pod, volume["csi"], folder)
            except ConfigError as error:
                raise _failed(volume, error) from error
            self.folders[volume["name"]] = folder

    def update(self, sources: Sources) -> None:
        """Update volumes of ConfigMaps, Secrets and the downward API.

        Raises:
            ConfigError: an object that a volume needs is missing; the message is that of the kubelet.
        """
        for volume in self._plain:
            folder = self._folder(volume)
            try:
                changed = volumes.write(folder, volumes.files(volume, sources))
            except ConfigError as error:
                raise _failed(volume, error) from error
            if changed and volume["name"] in self.folders:
                log.info("volume %s of %s updated", volume["name"], self._pod["metadata"]["name"])
            self.folders[volume["name"]] = folder

    async def rotate(self) -> None:
        """Update mounted secrets; as in the driver, a secret that cannot be read keeps its old value."""
        for volume in self._csi:
            if volume["name"] not in self.folders:
                continue
            try:
                if await self._host.secrets_store.rotate(self._pod, volume["csi"], self._folder(volume)):
                    log.info("volume %s of %s rotated", volume["name"], self._pod["metadata"]["name"])
            except (ConfigError, ApiError, OSError, *UNREACHABLE) as error:
                log.warning("volume %s of %s not rotated: %s", volume["name"], self._pod["metadata"]["name"], error)

    def _folder(self, volume: Manifest) -> Path:
        return self._host.folder(self._pod) / "volumes" / str(volume["name"])


def _failed(volume: Manifest, error: ConfigError) -> ConfigError:
    return ConfigError(f'MountVolume.SetUp failed for volume "{volume["name"]}" : {error}')
