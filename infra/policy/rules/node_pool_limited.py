"""Rule: a node pool has a limit, and its nodes are replaced.

Anchors: EKS Best Practices, Karpenter.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import at
from infra.resources.resource import Resource


def check(pool: Resource) -> Iterator[str]:
    """Yield node pools whose cost is not limited, or whose nodes get no new image."""
    limits = at(pool.properties, "spec.limits")
    missing = [key for key in ("cpu", "memory") if at(limits, key) is None]
    if missing:
        yield f"spec.limits has no {', '.join(missing)}"
    if at(pool.properties, "spec.template.spec.expireAfter") == "Never":
        yield "spec.template.spec.expireAfter is Never"


RULE = resource_rule(
    name="kubernetes-node-pool-limited",
    severity=Severity.MEDIUM,
    description="A NodePool must have limits of CPU and memory, and replace its nodes.",
    remedy="set spec.limits.cpu, spec.limits.memory and spec.template.spec.expireAfter",
    types=["kubernetes:karpenter.sh/v1:NodePool"],
    check=check,
)
