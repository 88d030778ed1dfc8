"""Nothing is reached from the internet but load balancers that are meant for it.

Anchors: AWS Well-Architected SEC05-BP02.
"""

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.reach.laws.isolation import internet_reaches_load_balancers_only

RULE = stack_rule(
    name="network-internet-reaches-load-balancers-only",
    severity=Severity.CRITICAL,
    description="Nothing but an internet-facing load balancer may be reached from the internet.",
    remedy="take the rule away that lets the internet in",
    check=internet_reaches_load_balancers_only,
)
