"""Pods reach what they are given the address of, and nodes what they need to start pods.

What pods are given is known by the ConfigMaps and Secrets that they read: whose outputs are in these.

Anchors: none.
"""

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.reach.laws.needs import pods_reach_what_they_need

RULE = stack_rule(
    name="network-pods-reach-dependencies",
    severity=Severity.HIGH,
    description="Pods must reach DNS, their database and their queue; nodes the image registry and the Kubernetes API.",
    remedy="open the hop that refuses",
    check=pods_reach_what_they_need,
)
