"""Rule: a database has a standby in another zone.

Anchors: CKV_AWS_157, CIS-AWS 3.2.4, RDS.5.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, unset
from infra.resources.resource import Resource


def check(database: Resource) -> Iterator[str]:
    """Yield a finding for a database in one zone; a replica, and an instance of a cluster, is itself a copy."""
    given = database.properties
    if given.get("multiAz") not in (True, UNKNOWN) and unset(given.get("replicateSourceDb")):
        yield "multiAz is not true"


RULE = resource_rule(
    name="aws-rds-multi-az",
    severity=Severity.MEDIUM,
    description="A database must have a standby in another availability zone.",
    remedy="set multiAz to true",
    types=["aws:rds/instance:Instance"],
    check=check,
)
