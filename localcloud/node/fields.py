"""The downward API: fields of a pod that its containers can read."""

import re
from collections.abc import Mapping

from localcloud.cluster import quantities
from localcloud.cluster.api import Manifest

_KEYED = re.compile(r"^metadata\.(labels|annotations)\['(?P<key>.+)'\]$")


class ConfigError(Exception):
    """A pod refers to something that does not exist or is not supported; the message names it."""


def field(pod: Manifest, path: str, addresses: Mapping[str, str]) -> str:
    """Return the value of a `fieldRef`.

    Args:
        pod: the pod as stored in the API server.
        path: such as `metadata.name` or `status.podIP`.
        addresses: `podIP` and `hostIP`, as seen by the process.

    Raises:
        ConfigError: the path is not supported.
    """
    metadata, spec = pod["metadata"], pod["spec"]
    if keyed := _KEYED.match(path):
        return str(metadata.get(keyed[1], {}).get(keyed["key"], ""))
    match path:
        case "metadata.name" | "metadata.namespace" | "metadata.uid":
            return str(metadata[path.rpartition(".")[2]])
        case "metadata.labels" | "metadata.annotations":
            values = metadata.get(path.rpartition(".")[2]) or {}
            return "\n".join(f'{key}="{value}"' for key, value in sorted(values.items()))
        case "spec.nodeName" | "spec.serviceAccountName":
            return str(spec.get(path.rpartition(".")[2], "default"))
        case "status.podIP" | "status.podIPs":
            return addresses["podIP"]
        case "status.hostIP" | "status.hostIPs":
            return addresses["hostIP"]
    raise ConfigError(f"unsupported fieldPath {path}")


def resource_field(containers: list[Manifest], name: str, reference: Manifest, allocatable: Mapping[str, str]) -> str:
    """Return the value of a `resourceFieldRef`; a limit that is not set defaults to the node's allocatable amount.

    Args:
        containers: the pod's containers.
        name: the container whose resources are read, unless the reference names another one.
        reference: with `resource` (such as limits.memory) and optionally `containerName` and `divisor`.
        allocatable: the node's allocatable resources.

    Raises:
        ConfigError: the container or the resource is unknown.
    """
    wanted = reference.get("containerName") or name
    container = next((item for item in containers if item["name"] == wanted), None)
    kind, _, resource = reference["resource"].partition(".")
    if container is None or kind not in {"limits", "requests"}:
        raise ConfigError(f"resourceFieldRef {reference['resource']} of container {wanted} cannot be resolved")
    found = container.get("resources", {}).get(kind, {}).get(resource)
    if found is None:
        found = allocatable.get(resource, "0") if kind == "limits" else "0"
    return quantities.divide(found, reference.get("divisor", "1"))
