"""Rule: a database has no public address.

Anchors: AWS-0180, CKV_AWS_17, CIS-AWS 3.2.3, RDS.2.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import unset
from infra.resources.resource import Resource

INSTANCE_TYPES = ["aws:rds/instance:Instance", "aws:rds/clusterInstance:ClusterInstance"]


def check(database: Resource) -> Iterator[str]:
    """Yield a finding for a public address, or for a database in the default VPC, whose subnets are public."""
    if database.properties.get("publiclyAccessible") is True:
        yield "publiclyAccessible is true"
    if (
        database.type == INSTANCE_TYPES[0]
        and unset(database.properties.get("dbSubnetGroupName"))
        and unset(database.properties.get("replicateSourceDb"))
    ):
        yield "dbSubnetGroupName is not set, which puts it into the public subnets of the default VPC"


RULE = resource_rule(
    name="aws-rds-no-public-access",
    severity=Severity.CRITICAL,
    description="A database must not have a public address.",
    remedy="leave publiclyAccessible out, and set dbSubnetGroupName to a group of private subnets",
    types=INSTANCE_TYPES,
    check=check,
)
