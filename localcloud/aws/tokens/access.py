"""Who a principal is in a cluster, by its access entry, and what it may do there, by its access policies."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html. Each policy is made of the rules of
# one of Kubernetes' user-facing roles, or of some more, which no role has.
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
    """Whoever signed a request."""

    arn: str
    """As an access entry names it: of the role, not of its session."""
    session: str = ""
    is_owner: bool = False
    """The key of the local cloud's own deployments, which stands for the cluster's creator."""


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A role in a cluster, or in one of its namespaces, for a group that only one principal has."""

    group: str
    cluster_role: str
    namespace: str = ""
    """"" for the whole cluster."""

    @property
    def name(self) -> str:
        """Name of the RoleBinding or ClusterRoleBinding."""
        return f"{self.group.replace(':', '-')}-{self.cluster_role}"


def user(principal: Principal, entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the user of a TokenReview, or None for a principal without an access entry.

    Args:
        principal: whoever signed the token.
        entries: the cluster's access entries by principal, as EKS describes them.
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
    """Yield what a principal's access policies give it; nothing for a policy that no role of Kubernetes is like.

    Args:
        principal: whoever signed the token.
        associated: its access policies, as `ListAssociatedAccessPolicies` lists them.
    """
    for policy in associated:
        role = CLUSTER_ROLES.get(str(policy["policyArn"]).rpartition("/")[2])
        scope = policy.get("accessScope") or {}
        namespaces = scope.get("namespaces") or () if scope.get("type") == "namespace" else ("",)
        for namespace in namespaces if role else ():
            yield Binding(group=group(principal.arn), cluster_role=role or "", namespace=namespace)


def group(arn: str) -> str:
    """Return a group that only this principal has; names of bindings may hold no more than 253 characters."""
    return f"{GROUP_PREFIX}{hashlib.sha256(arn.encode()).hexdigest()[:16]}"
