"""Checks that a program's kubernetes.Provider refers to the local cluster and to no other."""

from base64 import b64decode
from typing import Any

import yaml

from localcloud.cloud import Cloud
from localcloud.protocol.servicer import ProviderError
from localcloud.protocol.values import Properties, is_unknown


def refuse_other_cluster(variables: Properties, cloud: Cloud) -> None:
    """Raise an error if the provider's kubeconfig refers to a cluster other than that of the local cloud.

    A kubeconfig with the same certificate authority is accepted even if the URL differs, because a restart may have
    changed the port.

    Raises:
        ProviderError: the kubeconfig refers to another cluster, or to none.
    """
    text = variables.get("kubeconfig")
    if is_unknown(text):
        return
    cluster = _cluster(text)
    server = str(cluster.get("server", "")).rstrip("/")
    if server == cloud.kube_server or _same_authority(cluster, cloud):
        return
    raise ProviderError(
        f"kubernetes.Provider: its kubeconfig names {server or 'no server'}, but the local cloud {cloud.name!r} is "
        f"{cloud.kube_server}; no other cluster is accepted. Use the endpoint and the CA of the eks.Cluster"
    )


def is_on(variables: Properties, option: str) -> bool:
    """Return whether a provider option is set; its value is a boolean or the JSON text of one."""
    return variables.get(option) in {True, "true"}


def _same_authority(cluster: dict[str, Any], cloud: Cloud) -> bool:
    data = cluster.get("certificate-authority-data")
    return bool(data) and b64decode(str(data)).decode(errors="replace").strip() == cloud.kube_ca_pem.strip()


def _cluster(text: Any) -> dict[str, Any]:
    try:
        document = yaml.safe_load(text) if isinstance(text, str) else text
        contexts = {entry["name"]: entry["context"] for entry in document["contexts"]}
        name = contexts[document["current-context"]]["cluster"]
        found: dict[str, Any] = next(entry["cluster"] for entry in document["clusters"] if entry["name"] == name)
    except (yaml.YAMLError, TypeError, KeyError, StopIteration) as error:
        raise ProviderError(
            "kubernetes.Provider: kubeconfig must be the content of a kubeconfig, as JSON or YAML, with a "
            "current-context, its context and its cluster"
        ) from error
    return found
