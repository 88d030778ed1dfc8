"""Rule: no binding is to cluster-admin, or to a group of all users.

Anchors: KSV-0111, CKV_K8S_156, CIS-EKS 4.1.1.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import at, items
from infra.resources.resource import Resource

EVERYBODY = (
    "system:anonymous",
    "system:authenticated",
    "system:masters",
    "system:serviceaccounts",
    "system:unauthenticated",
)


def check(binding: Resource) -> Iterator[str]:
    """Yield bindings to cluster-admin, and to anonymous users, all authenticated users or all service accounts."""
    if at(binding.properties, "roleRef.name") == "cluster-admin":
        yield "roleRef is cluster-admin"
    for name in (at(subject, "name") for subject in items(binding.properties.get("subjects"))):
        if name in EVERYBODY:
            yield f"subjects holds {name}"


RULE = resource_rule(
    name="kubernetes-rbac-no-broad-binding",
    severity=Severity.CRITICAL,
    description="A binding must name neither cluster-admin nor groups of all users, such as system:authenticated.",
    remedy="bind a role with the few permissions that are needed, to one service account or group",
    types=[
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    ],
    check=check,
)
