"""Rule: the deletion of a database takes a last snapshot.

Anchors: AWS Well-Architected REL09-BP01.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import unset
from infra.resources.resource import Resource


def check(database: Resource) -> Iterator[str]:
    """Yield a finding for a database that is deleted with its data; a replica has no data of its own."""
    given = database.properties
    if given.get("skipFinalSnapshot") is True and unset(given.get("replicateSourceDb")):
        yield "skipFinalSnapshot is true"


RULE = resource_rule(
    name="aws-rds-final-snapshot",
    severity=Severity.HIGH,
    description="Deleting a database must create a final snapshot.",
    remedy="set skipFinalSnapshot to false, and finalSnapshotIdentifier",
    types=["aws:rds/instance:Instance", "aws:rds/cluster:Cluster"],
    check=check,
)
