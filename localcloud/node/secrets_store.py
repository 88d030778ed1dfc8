"""Volumes of the Secrets Store CSI driver with the AWS provider: mounts secrets of Secrets Manager as files in a pod.

Implements the parts of the driver and the provider that a pod with Pod Identity needs: all secrets are fetched with
the pod's own role before the first file is written, each file is replaced atomically, and a poll replaces files whose
secret has a new current version. Sources: `pkg/secrets-store/nodeserver.go` of
https://github.com/kubernetes-sigs/secrets-store-csi-driver (v1.6.0), `server/server.go` and `provider/` of
https://github.com/aws/secrets-store-csi-driver-provider-aws (3.1.1).
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from localcloud.cluster.api import ApiClient, Manifest, NotFoundError
from localcloud.node import volumes
from localcloud.node.fields import ConfigError
from localcloud.node.pod_identity import PodIdentity
from localcloud.node.secrets_manager import Credentials, SecretsManager

DRIVER = "secrets-store.csi.k8s.io"
ADDON = "aws-secrets-store-csi-driver-provider"
CURRENT = "AWSCURRENT"
# The add-on polls every two minutes by default. A shorter interval keeps drills quick; at 3 s the polls of three pods
# took a twentieth of a core.
ROTATION_SECONDS = 10.0
_OBJECT_FIELDS = {"objectName", "objectType", "objectAlias"}
_PARAMETERS = {"objects", "region", "usePodIdentity"}


@dataclass(frozen=True)
class SecretObject:
    """One secret of a SecretProviderClass, and the name of the file that holds its value."""

    name: str
    """Name or ARN of the secret in Secrets Manager."""
    file: str


def secret_objects(provider_class: Manifest, region: str) -> list[SecretObject]:
    """Return the secrets that a SecretProviderClass mounts.

    Raises:
        ConfigError: the provider would reject the class, or the local cloud does not support a part that the message
            names.
    """
    metadata, spec = provider_class["metadata"], provider_class.get("spec") or {}
    place, parameters = f"{metadata['namespace']}/{metadata['name']}", spec.get("parameters") or {}
    if not spec.get("provider"):
        raise ConfigError(f"provider not set in {place}")
    if not parameters:
        raise ConfigError(f"parameters not set in {place}")
    for part, found in _unsupported(spec, parameters):
        raise ConfigError(f"SecretProviderClass {place}: {part} {found} is not supported by the local cloud")
    if parameters.get("region", region) != region:
        raise ConfigError(f"SecretProviderClass {place}: region must be {region}, got {parameters['region']}")
    try:
        items = yaml.safe_load(parameters.get("objects") or "[]")
    except yaml.YAMLError as error:
        raise ConfigError(f"Failed to load SecretProviderClass: {error}") from error
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ConfigError("Failed to load SecretProviderClass: objects must be a list of objects")
    objects = [_object(item, place, region) for item in items]
    files = [each.file for each in objects]
    for file in files:
        if files.count(file) > 1:
            raise ConfigError(f"Name already in use for objectAlias: {file}")
    return objects


def _unsupported(spec: Manifest, parameters: Manifest) -> Iterator[tuple[str, Any]]:
    if spec["provider"] != "aws":
        yield "provider", spec["provider"]
    if spec.get("secretObjects"):
        yield (
            "secretObjects, a copy in a Kubernetes Secret,",
            [each.get("secretName") for each in spec["secretObjects"]],
        )
    for name in parameters.keys() - _PARAMETERS:
        yield f"parameter {name}", repr(parameters[name])
    if str(parameters.get("usePodIdentity", "")).lower() != "true":
        yield "usePodIdentity", repr(parameters.get("usePodIdentity", "(not set, which is IRSA)"))


def _object(item: Mapping[str, Any], place: str, region: str) -> SecretObject:
    name, type_ = str(item.get("objectName") or ""), item.get("objectType")
    if not name:
        raise ConfigError("Object name must be specified")
    for field in item.keys() - _OBJECT_FIELDS:
        raise ConfigError(f"SecretProviderClass {place}: {field} of {name} is not supported by the local cloud")
    is_arn = name.startswith("arn:")
    if not is_arn and not type_:
        raise ConfigError(f"Must use objectType when a full ARN is not specified: {name}")
    if type_ not in (None, "secretsmanager") or (is_arn and name.split(":")[2] != "secretsmanager"):
        raise ConfigError(
            f"SecretProviderClass {place}: {name} is not a secret of Secrets Manager, the only source "
            "that the local cloud supports"
        )
    if is_arn and name.split(":")[3] != region:
        raise ConfigError(f"ARN region must match region {region}: {name}")
    # File names must not contain a path separator: the provider replaces it with `_`.
    return SecretObject(name=name, file=str(item.get("objectAlias") or name).replace("/", "_"))


class SecretsStore:
    """The Secrets Store CSI driver on this node.

    Args:
        api: the API server.
        endpoint: the AWS endpoint.
        region: region of the local account.
        identity: provides the credentials of a pod's role.
    """

    def __init__(self, api: ApiClient, endpoint: str, region: str, identity: PodIdentity) -> None:
        self._api = api
        self._manager = SecretsManager(endpoint, region)
        self._region = region
        self._identity = identity
        self._versions: dict[str, dict[str, str]] = {}

    async def mount(self, pod: Manifest, source: Manifest, folder: Path) -> bool:
        """Fetch the secrets that have changed since the last call, write them, and return whether a file changed.

        Args:
            pod: the pod whose role reads the secrets.
            source: the `csi` field of the volume.
            folder: folder for the files.

        Raises:
            ConfigError: the volume cannot be mounted; the message is that of the driver.
            ApiError, aiohttp.ClientError: the API server or the account is unavailable.
        """
        return await self._mount_with(await self._manager.addon(ADDON), pod, source, folder)

    async def rotate(self, pod: Manifest, source: Manifest, folder: Path) -> bool:
        """Mount again if secret rotation is enabled in the add-on; return whether a file changed.

        Raises:
            ConfigError, ApiError, aiohttp.ClientError: as in `mount`; the files are then left unchanged.
        """
        addon = await self._manager.addon(ADDON)
        if addon is None or not (addon.get("secrets-store-csi-driver") or {}).get("enableSecretRotation"):
            return False
        return await self._mount_with(addon, pod, source, folder)

    def forget(self, uid: str) -> None:
        """Drop the recorded versions of a deleted pod, whose folder has been removed."""
        self._versions.pop(uid, None)

    async def _mount_with(self, addon: Mapping[str, Any] | None, pod: Manifest, source: Manifest, folder: Path) -> bool:
        if source["driver"] != DRIVER or addon is None:
            raise ConfigError(
                f"kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name {source['driver']} not "
                f"found in the list of registered CSI drivers; {DRIVER} comes with the EKS add-on {ADDON}"
            )
        if source.get("readOnly") is not True:
            raise ConfigError("rpc error: code = InvalidArgument desc = Readonly is not true in request")
        if source.get("nodePublishSecretRef"):
            raise ConfigError("nodePublishSecretRef is not supported by the local cloud")
        try:
            return await self._mount(pod, source, folder)
        except ConfigError as error:
            metadata = pod["metadata"]
            raise ConfigError(
                "rpc error: code = Unknown desc = failed to mount secrets store objects for pod "
                f"{metadata['namespace']}/{metadata['name']}, err: {error}"
            ) from error

    async def _mount(self, pod: Manifest, source: Manifest, folder: Path) -> bool:
        objects = secret_objects(await self._provider_class(pod, source), self._region)
        credentials = Credentials(**await self._identity.credentials(pod))
        mounted = self._versions.setdefault(pod["metadata"]["uid"], {})
        fetched: volumes.Files = {}
        versions: dict[str, str] = {}
        for each in objects:
            if not await self._is_current(credentials, each, mounted.get(each.file)):
                answer = await self._manager.call(credentials, "GetSecretValue", each.name)
                versions[each.file] = answer["VersionId"]
                fetched[each.file] = _value(answer)
        changed = volumes.replace(folder, fetched)
        mounted |= versions
        return changed

    async def _is_current(self, credentials: Credentials, each: SecretObject, version: str | None) -> bool:
        if version is None:
            return False
        answer = await self._manager.call(credentials, "DescribeSecret", each.name)
        return CURRENT in answer.get("VersionIdsToStages", {}).get(version, ())

    async def _provider_class(self, pod: Manifest, source: Manifest) -> Manifest:
        name = (source.get("volumeAttributes") or {}).get("secretProviderClass")
        if not name:
            raise ConfigError("secretProviderClass is not set")
        namespace = pod["metadata"]["namespace"]
        path = f"/apis/secrets-store.csi.x-k8s.io/v1/namespaces/{namespace}/secretproviderclasses/{name}"
        try:
            return await self._api.get(path)
        except NotFoundError as error:
            raise ConfigError(
                f"failed to get secretproviderclass {namespace}/{name}, error: SecretProviderClass.secrets-store.csi."
                f'x-k8s.io "{name}" not found'
            ) from error


def _value(answer: Mapping[str, Any]) -> bytes:
    text = answer.get("SecretString")
    return str(text).encode() if text is not None else base64.b64decode(answer["SecretBinary"])
