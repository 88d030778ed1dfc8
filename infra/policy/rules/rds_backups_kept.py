"""Rule: backups of a database are kept for a week or longer, with its tags.

Anchors: AWS-0077, CKV_AWS_133, CKV2_AWS_60, RDS.11, RDS.16.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, is_number, unset
from infra.resources.resource import Resource

SHORTEST_DAYS = 7


def check(database: Resource) -> Iterator[str]:
    """Yield a finding for backups that are soon deleted, or that lose their tags; AWS keeps them for one day."""
    given = database.properties
    if not unset(given.get("replicateSourceDb")):
        return
    days = given.get("backupRetentionPeriod")
    if unset(days):
        yield "backupRetentionPeriod is not set, so backups are kept for at most one day"
    elif is_number(days) and days < SHORTEST_DAYS:
        yield f"backupRetentionPeriod is {days:g}"
    if given.get("copyTagsToSnapshot") not in (True, UNKNOWN):
        yield "copyTagsToSnapshot is not true, so snapshots do not have the tags of the database"


RULE = resource_rule(
    name="aws-rds-backups-kept",
    severity=Severity.HIGH,
    description="Backups of a database must be kept for at least 7 days.",
    remedy="set backupRetentionPeriod to 7 or more, and copyTagsToSnapshot to true",
    types=["aws:rds/instance:Instance", "aws:rds/cluster:Cluster"],
    check=check,
)
