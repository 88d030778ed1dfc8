"""Maps a principal to a Kubernetes user by its access entry, and to role bindings by its access policies."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Access policy -> the user-facing role of Kubernetes with the same rules. Other policies have rules that no such role
# has: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
CLUSTER_ROLES: Mapping[str, str] = {
    "AmazonEKSAdminPolicy": "admin",
    "AmazonEKSClusterAdminPolicy": "cluster-admin",
    "AmazonEKSEditPolicy": "edit",
    "AmazonEKSViewPolicy": "view",
}
GROUP_PREFIX = "drydock-access:"
ADMIN_GROUP = "system:masters"


@dataclass(frozen=True, kw_only=True)
class Principal:
    """The principal that signed a token."""

    arn: str
    """ARN in the access entry: of the role, not of its session."""
    session: str = ""
    is_owner: bool = False
    """Whether the principal is the owner of the account, who counts as the creator of the cluster."""


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A binding of a cluster role, in a cluster or a namespace, to the group of a single principal."""

    group: str
    cluster_role: str
    namespace: str = ""
    """Namespace of the binding. "" for the whole cluster."""

    @property
    def name(self) -> str:
        """Name of the RoleBinding or ClusterRoleBinding."""
        return f"{self.group.replace(':', '-')}-{self.cluster_role}"


def user(principal: Principal, entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the user of a TokenReview, or None if the principal has no access entry.

    Args:
        principal: principal that signed the token.
        entries: access entries of the cluster in EKS's format, by principal.
    """
    if principal.is_owner:
        return {"username": principal.arn, "groups": [ADMIN_GROUP, "system:authenticated"]}
    entry = entries.get(principal.arn)
    if entry is None:
        return None
    name = str(entry["username"]).replace("{{SessionName}}", principal.session)
    groups = [*entry.get("kubernetesGroups", ()), group(principal.arn), "system:authenticated"]
    return {"username": name, "uid": f"aws-iam-authenticator:{principal.arn}", "groups": groups}


def bindings(principal: Principal, associated: Sequence[Mapping[str, Any]]) -> Iterator[Binding]:
    """Yield the bindings for a principal's access policies. Skip policies without a corresponding Kubernetes role.

    Args:
        principal: principal that signed the token.
        associated: access policies of the principal, in the format of `ListAssociatedAccessPolicies`.
    """
    for policy in associated:
        role = CLUSTER_ROLES.get(str(policy["policyArn"]).rpartition("/")[2])
        scope = policy.get("accessScope") or {}
        namespaces = scope.get("namespaces") or () if scope.get("type") == "namespace" else ("",)
        for namespace in namespaces if role else ():
            yield Binding(group=group(principal.arn), cluster_role=role or "", namespace=namespace)


def group(arn: str) -> str:
    """Return the group of a principal. It is a hash, because names of bindings are limited to 253 characters."""
    return f"{GROUP_PREFIX}{hashlib.sha256(arn.encode()).hexdigest()[:16]}"
