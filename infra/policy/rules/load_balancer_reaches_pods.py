"""A load balancer has subnets and targets, reaches its targets, and is reached by its clients.

Anchors: none.
"""

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.reach.laws.balancers import load_balancers_reach_pods

RULE = stack_rule(
    name="network-load-balancer-reaches-pods",
    severity=Severity.HIGH,
    description="A load balancer must reach its pods, and its clients must reach it.",
    remedy="open the hop that refuses",
    check=load_balancers_reach_pods,
)
