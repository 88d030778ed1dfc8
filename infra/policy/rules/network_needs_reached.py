"""Rule: pods, nodes and load balancers reach what they need, and each subnet has the routes of its tier.

The needs of pods are derived from the resources whose outputs are in the ConfigMaps and Secrets that they read.

Anchors: none.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.reach.breach import Breach
from infra.reach.laws.balancers import load_balancers_reach_pods
from infra.reach.laws.needs import pods_reach_what_they_need
from infra.reach.laws.tiers import subnets_fit_their_tier
from infra.reach.view import view_of
from infra.resources.resource import Resource


def check(resources: Sequence[Resource]) -> Iterator[Breach]:
    """Yield required connections that are not possible, and subnets without the routes of their tier."""
    view = view_of(resources)
    yield from subnets_fit_their_tier(view)
    yield from pods_reach_what_they_need(view)
    yield from load_balancers_reach_pods(view)


RULE = stack_rule(
    name="network-needs-reached",
    severity=Severity.HIGH,
    description="Pods, nodes and load balancers must reach what they need, in subnets with the routes of their tier.",
    remedy="change the named hop so that it allows this traffic",
    check=check,
)
