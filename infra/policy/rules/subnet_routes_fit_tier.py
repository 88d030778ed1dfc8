"""A subnet has the routes that its tier needs, and no others.

Anchors: AWS Well-Architected SEC05-BP01.
"""

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.reach.laws.tiers import subnets_fit_their_tier

RULE = stack_rule(
    name="network-subnet-routes-fit-tier",
    severity=Severity.HIGH,
    description="Each subnet must have the routes of its tier: public, nodes or database.",
    remedy="associate the subnet with the table of its tier",
    check=subnets_fit_their_tier,
)
