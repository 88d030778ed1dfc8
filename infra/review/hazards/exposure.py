"""Network exposure: new paths by the analysis of reachability, and rules for what it does not cover."""

from collections.abc import Iterator, Sequence, Set
from typing import Any

from infra.reach.openings import openings
from infra.resources.aws_types import LOAD_BALANCERS
from infra.resources.properties import UNKNOWN, at, is_known
from infra.resources.resource import Properties, Resource
from infra.review.hazards.alteration import Alteration
from infra.review.hazards.ranges import within
from infra.review.widening import public_ranges, widenings

CLUSTER = "aws:eks/cluster:Cluster"
SERVICE = "kubernetes:core/v1:Service"
PUBLIC_SWITCHES = {
    "aws:rds/instance:Instance": "publiclyAccessible",
    "aws:rds/clusterInstance:ClusterInstance": "publiclyAccessible",
    "aws:dms/replicationInstance:ReplicationInstance": "publiclyAccessible",
    "aws:redshift/cluster:Cluster": "publiclyAccessible",
}
"""Type -> the property that gives it a public address."""


def exposed(alteration: Alteration) -> Iterator[str]:
    """Yield what is reachable from the internet by the properties of one resource."""
    old, new = alteration.old, alteration.new
    if new is None:
        return
    if alteration.type == CLUSTER:
        yield from _api(old, new)
    elif (path := PUBLIC_SWITCHES.get(alteration.type)) and new.get(path) is True and _was(old, path, True):
        yield "it gets a public address, so everybody can send requests to it"
    elif alteration.type in LOAD_BALANCERS and new.get("internal") is not True and _was(old, "internal", None, False):
        if new.get("internal") is not UNKNOWN:
            yield "it faces the internet"
    elif alteration.type == SERVICE:
        yield from widenings(SERVICE, old, new)


def _was(old: Properties | None, path: str, *open_values: Any) -> bool:
    """Return whether a resource was known not to be open, or did not exist."""
    return old is None or (old.get(path) is not UNKNOWN and old.get(path) not in open_values)


def _api(old: Properties | None, new: Properties) -> Iterator[str]:
    if not is_known([at(old, f"vpcConfig.{key}") for key in ("endpointPublicAccess", "publicAccessCidrs")]):
        return
    known = public_ranges(old) if old is not None else []
    for cidr in public_ranges(new):
        if not within(cidr, known):
            yield f"the Kubernetes API answers {cidr}"


def opened(before: Sequence[Resource], after: Sequence[Resource], changed: Set[str]) -> Iterator[tuple[str, str]]:
    """Yield the URN of the resource that opens a network path, and the path.

    Args:
        before: the resources before the deployment.
        after: the resources after it.
        changed: URNs of the resources that change.
    """
    for each in openings(before, after):
        urns = [one.urn for one in each.resources]
        # A rule of a security group is no hop of a path, but depends on one.
        parts = [one.urn for one in after if any(set(urns) & set(others) for others in one.dependencies.values())]
        likely = [*urns, *sorted(parts)]
        cause = next((urn for urn in likely if urn in changed), likely[0] if likely else min(changed))
        yield cause, f"{each.source} reaches {each.target} on {each.port}"
