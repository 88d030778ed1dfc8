"""Rule: stateful resources are protected, so that an `up` or a `destroy` alone cannot delete them.

Anchors: none; only Pulumi has `protect`, and no other pack looks at it.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.policy.stateful_types import STATEFUL_TYPES
from infra.resources.resource import Resource


def check(resource: Resource) -> Iterator[str]:
    """Yield a finding if a stateful resource is not protected."""
    if not resource.protect:
        yield f"not protected: deleting or replacing it loses the {STATEFUL_TYPES[resource.type]}"


RULE = resource_rule(
    name="stateful-resource-protected",
    severity=Severity.HIGH,
    description="Stateful resources must be protected from deletion.",
    remedy="set `drydock:protect` to true in the stack file, or protect=True in the resource's options",
    types=list(STATEFUL_TYPES),
    check=check,
)
