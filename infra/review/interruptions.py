"""Changes in place that interrupt something: AWS restarts it, fails over, or waits for a restart."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.resources.properties import items, mapping
from infra.resources.resource import Properties
from infra.review.plan import PropertyChange

DATABASE = "aws:rds/instance:Instance"


@dataclass(frozen=True, kw_only=True)
class Interruption:
    """What happens if a property changes in place."""

    what: str
    source: str


_RDS = "botocore rds ModifyDBInstanceMessage"
_OUTAGE = "an outage"
INTERRUPTIONS: Mapping[tuple[str, str], Interruption] = {
    (DATABASE, "instanceClass"): Interruption(
        # Also https://repost.aws/knowledge-center/rds-performance-impact: with Multi-AZ the outage is a failover.
        what=f"{_OUTAGE}: the database restarts on another host, or fails over with Multi-AZ",
        source=f"{_RDS}.DBInstanceClass",
    ),
    (DATABASE, "engineVersion"): Interruption(
        what=f"{_OUTAGE}: the database restarts with another version of the engine", source=f"{_RDS}.EngineVersion"
    ),
    (DATABASE, "dbSubnetGroupName"): Interruption(
        what=f"{_OUTAGE}: the database moves to other subnets", source=f"{_RDS}.DBSubnetGroupName"
    ),
    (DATABASE, "port"): Interruption(
        what="the database restarts at once, also without applyImmediately", source=f"{_RDS}.DBPortNumber"
    ),
    (DATABASE, "identifier"): Interruption(
        what="the database reboots, and its address changes", source=f"{_RDS}.NewDBInstanceIdentifier"
    ),
    (DATABASE, "parameterGroupName"): Interruption(
        what="no outage now, but the parameters are not applied until somebody reboots the database",
        source=f"{_RDS}.DBParameterGroupName",
    ),
    ("aws:eks/cluster:Cluster", "version"): Interruption(
        what="the API servers are replaced, then all nodes one after the other; it cannot be undone in place later",
        source="https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html",
    ),
}
"""(type, property) -> what its change interrupts, with the source of this."""


def interruptions(
    resource_type: str, old: Properties, new: Properties, properties: Iterable[PropertyChange]
) -> tuple[str, ...]:
    """Return what an update in place interrupts, one text each. An unknown value interrupts nothing yet.

    Args:
        resource_type: Pulumi type token.
        old: clean inputs before.
        new: clean inputs after.
        properties: the properties that differ.
    """
    changed = [each.path for each in properties if not each.unknown]
    found = [INTERRUPTIONS.get((resource_type, path)) for path in changed]
    texts = [f"{path} changes in place: {each.what}" for path, each in zip(changed, found, strict=True) if each]
    if resource_type == DATABASE and texts:
        texts.append(_when(new))
    if resource_type == "aws:rds/parameterGroup:ParameterGroup":
        texts += _static(old, new)
    if resource_type == "kubernetes:apps/v1:Deployment":
        texts += _recreated(new, changed)
    return tuple(texts)


def _when(new: Properties) -> str:
    if new.get("applyImmediately") is True:
        return "applyImmediately: it happens during the deployment"
    return "without applyImmediately it happens in the next maintenance window"


def _static(old: Properties, new: Properties) -> Iterator[str]:
    """Source: botocore rds Parameter.ApplyMethod, and ModifyDBParameterGroup on static parameters."""
    before = {_name(each): each for each in items(old.get("parameters"))}
    for each in items(new.get("parameters")):
        if mapping(each).get("applyMethod") == "pending-reboot" and before.get(_name(each)) != each:
            yield f"parameter {_name(each)}: it is not applied until somebody reboots the database"


def _name(parameter: Any) -> str:
    return str(mapping(parameter).get("name", ""))


def _recreated(new: Properties, changed: Iterable[str]) -> Iterator[str]:
    """Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment."""
    strategy = mapping(mapping(new.get("spec")).get("strategy")).get("type")
    if strategy == "Recreate" and any(path.startswith("spec.template") for path in changed):
        yield "strategy Recreate: all its pods stop before new ones start"
