"""How objects are named and found: by apiVersion, kind, namespace, and name or labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]

DEFAULT_NAMESPACE = "default"
FIELD_MANAGER = "pulumi-kubernetes"
"""Owner of what a program applies, or the beginning of its name."""
# Kinds that have no namespace, of the groups that an API server of EKS brings along.
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
    """The name of one object."""

    api_version: str
    """`v1`, or group/version such as `apps/v1`."""
    kind: str
    namespace: str | None
    """None for a kind without namespaces."""
    name: str

    @property
    def id(self) -> str:
        """The id that the kubernetes provider gives: namespace/name, or the name alone."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True, kw_only=True)
class Query:
    """Which objects to list or to follow."""

    api_version: str
    kind: str
    namespace: str | None = None
    """None for all, or for a kind without namespaces."""
    name: str | None = None
    labels: Mapping[str, str] | None = None


Followed = list[list[Manifest]]
"""For each query, the objects that there are."""


def reference_of(manifest: Mapping[str, Any]) -> Reference:
    """Return the name in a manifest that `inputs.complete` has filled in."""
    metadata = manifest["metadata"]
    return Reference(
        api_version=manifest["apiVersion"],
        kind=manifest["kind"],
        namespace=metadata.get("namespace"),
        name=metadata["name"],
    )


def is_namespaced(kind: str) -> bool:
    """Return whether objects of the kind live in a namespace; kinds that are not known here are taken to."""
    return kind not in CLUSTER_SCOPED
