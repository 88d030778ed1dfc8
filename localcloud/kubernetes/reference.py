"""References and queries for objects: apiVersion, kind, namespace, and name or labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]

DEFAULT_NAMESPACE = "default"
FIELD_MANAGER = "pulumi-kubernetes"
"""The field manager of applied fields, or the prefix of its name."""
# The cluster-scoped kinds of the API groups in an EKS cluster.
CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "CSIDriver",
        "CSINode",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IngressClass",
        "IngressClassParams",
        "IPAddress",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "NodeClass",
        "NodePool",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Identifies one object."""

    api_version: str
    """`v1`, or group/version such as `apps/v1`."""
    kind: str
    namespace: str | None
    """None for a cluster-scoped kind."""
    name: str

    @property
    def id(self) -> str:
        """The id that the kubernetes provider assigns: namespace/name, or only the name."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True, kw_only=True)
class Query:
    """Selects objects to list or watch."""

    api_version: str
    kind: str
    namespace: str | None = None
    """None for all namespaces, or for a cluster-scoped kind."""
    name: str | None = None
    labels: Mapping[str, str] | None = None


Followed = list[list[Manifest]]
"""The objects that match each query."""


def reference_of(manifest: Mapping[str, Any]) -> Reference:
    """Return the reference to the object of a manifest that `inputs.complete` has completed."""
    metadata = manifest["metadata"]
    return Reference(
        api_version=manifest["apiVersion"],
        kind=manifest["kind"],
        namespace=metadata.get("namespace"),
        name=metadata["name"],
    )


def is_namespaced(kind: str) -> bool:
    """Return whether a kind is namespaced; unknown kinds are assumed to be."""
    return kind not in CLUSTER_SCOPED
