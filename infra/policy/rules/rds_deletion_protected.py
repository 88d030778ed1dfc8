"""Rule: AWS refuses to delete a database, and its deletion takes a last snapshot.

Anchors: AWS-0177, CKV_AWS_139, CKV_AWS_293, RDS.7, RDS.8.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, unset
from infra.resources.resource import Resource


def check(database: Resource) -> Iterator[str]:
    """Yield a finding for a database that a single request deletes with its data; a replica has no own data."""
    given = database.properties
    if not unset(given.get("replicateSourceDb")):
        return
    if given.get("deletionProtection") not in (True, UNKNOWN):
        yield "deletionProtection is not true"
    if given.get("skipFinalSnapshot") is True:
        yield "skipFinalSnapshot is true"


RULE = resource_rule(
    name="aws-rds-deletion-protected",
    severity=Severity.HIGH,
    description="A database must be protected from deletion, and leave a last snapshot.",
    remedy="set deletionProtection to true and skipFinalSnapshot to false",
    types=["aws:rds/instance:Instance", "aws:rds/cluster:Cluster"],
    check=check,
)
