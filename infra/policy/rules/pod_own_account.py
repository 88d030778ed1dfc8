"""Rule: pods have their own service account, and no token of it that they do not need.

Anchors: KSV-0036, CKV_K8S_38, CKV_K8S_41, CIS-EKS 4.1.5, 4.1.6, 5.2.1, NSA service account tokens.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, unset
from infra.resources.resource import Resource
from infra.resources.workloads import WORKLOAD_TYPES, pod_spec


def check(workload: Resource) -> Iterator[str]:
    """Yield pods with the account that all pods of the namespace share, or with a token for the API server."""
    spec = pod_spec(workload)
    if not spec:
        return
    account = spec.get("serviceAccountName", spec.get("serviceAccount"))
    if unset(account) or account == "default":
        yield "serviceAccountName is not set or is default, the account that all pods of the namespace share"
    if spec.get("automountServiceAccountToken") not in (False, UNKNOWN):
        yield "automountServiceAccountToken is not false"


RULE = resource_rule(
    name="kubernetes-pod-own-account",
    severity=Severity.HIGH,
    description="Every pod must have its own service account, without a mounted token.",
    remedy="set serviceAccountName, and automountServiceAccountToken to false",
    types=WORKLOAD_TYPES,
    check=check,
)
