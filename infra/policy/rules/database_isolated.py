"""A database is reached by nodes and pods alone, and opens no connection.

Anchors: AWS Well-Architected SEC05-BP01, SEC05-BP02.
"""

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.reach.laws.isolation import database_is_isolated

RULE = stack_rule(
    name="network-database-isolated",
    severity=Severity.CRITICAL,
    description="A database must be reached by nodes and pods alone, and reach nothing itself.",
    remedy="name the cluster's security group as the only source, and allow no egress",
    check=database_is_isolated,
)
