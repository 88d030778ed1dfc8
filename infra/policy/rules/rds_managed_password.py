"""Rule: RDS makes and rotates the password of the owner.

Anchors: AWS-0176, SecretsManager.1, CKV_AWS_161.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, unset
from infra.resources.resource import Resource


def check(database: Resource) -> Iterator[str]:
    """Yield a finding for a password that the program knows; a replica or a restored copy has that of its source."""
    given = database.properties
    if any(not unset(given.get(key)) for key in ("replicateSourceDb", "snapshotIdentifier", "s3Import")):
        return
    password = given.get("password", given.get("masterPassword"))
    if password is not UNKNOWN and not unset(password):
        yield "password is set, so it is in the state and is never rotated"
    elif unset(password) and given.get("manageMasterUserPassword") not in (True, UNKNOWN):
        yield "manageMasterUserPassword is not true"


RULE = resource_rule(
    name="aws-rds-managed-password",
    severity=Severity.HIGH,
    description="RDS must manage the master user password of a database.",
    remedy="set manageMasterUserPassword to true and leave password out",
    types=["aws:rds/instance:Instance", "aws:rds/cluster:Cluster"],
    check=check,
)
