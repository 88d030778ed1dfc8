"""Every pod is selected by NetworkPolicies in both directions, and the cluster enforces them.

Anchors: CIS-EKS 4.3.2, CKV2_K8S_6.
"""

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.reach.laws.confinement import pods_are_confined

RULE = stack_rule(
    name="kubernetes-pods-confined",
    severity=Severity.HIGH,
    description="Every pod must be confined by NetworkPolicies that the cluster enforces.",
    remedy="deny all ingress and egress of the namespace by default",
    check=pods_are_confined,
)
