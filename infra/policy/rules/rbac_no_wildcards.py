"""Rule: no role of Kubernetes allows everything, or lets its holder get more.

Anchors: KSV-0041, KSV-0044, KSV-0046, CKV_K8S_49, CIS-EKS 4.1.2, 4.1.3, 4.1.8, 4.1.10, 4.1.11, 4.1.12.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, items, unset
from infra.resources.resource import Resource

ESCALATING = ("escalate", "bind", "impersonate")
# Resource -> what its holder can do with any verb but those that read.
DANGEROUS = {
    "nodes/proxy": "run commands in all pods of a node",
    "serviceaccounts/token": "get tokens of other accounts",
    "mutatingwebhookconfigurations": "change all objects",
    "validatingwebhookconfigurations": "see all objects",
}
READING = ("get", "list", "watch", "*")


def check(role: Resource) -> Iterator[str]:
    """Yield wildcards, verbs that give more permissions, and access to the secrets of all namespaces."""
    for number, rule in enumerate(items(role.properties.get("rules"))):
        verbs, resources = items(at(rule, "verbs")), items(at(rule, "resources"))
        where = f"rules[{number}]"
        if "*" in verbs:
            yield f"{where} allows all verbs"
        if "*" in resources:
            yield f"{where} allows all resources"
        if "*" in items(at(rule, "apiGroups")):
            yield f"{where} allows resources of all API groups"
        if "*" in items(at(rule, "nonResourceURLs")):
            yield f"{where} allows all URLs"
        found = [each for each in ESCALATING if each in verbs]
        if found:
            yield f"{where} allows {', '.join(found)}"
        for resource, power in DANGEROUS.items():
            if resource in resources and any(verb not in (*READING, UNKNOWN) for verb in verbs):
                yield f"{where} lets its holder {power} ({resource})"
        everywhere = role.type.endswith(":ClusterRole") and unset(at(rule, "resourceNames"))
        if everywhere and "secrets" in resources and any(each in verbs for each in READING):
            yield f"{where} allows reading all secrets"


RULE = resource_rule(
    name="kubernetes-rbac-no-wildcards",
    severity=Severity.HIGH,
    description="A role must not allow all verbs or resources, nor escalate, bind or impersonate.",
    remedy="list the verbs and resources that the account really needs",
    types=["kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "kubernetes:rbac.authorization.k8s.io/v1:Role"],
    check=check,
)
