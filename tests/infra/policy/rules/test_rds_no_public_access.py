"""aws-rds-no-public-access."""

from typing import Any

import pytest

from infra.policy.rules.rds_no_public_access import RULE
from tests.infra.policy.compliant import DATABASE
from tests.infra.policy.judge import ABSENT, Given, violations


@pytest.mark.parametrize("value", [False, ABSENT])
def test_accepts_a_database_without_public_address(value: Any) -> None:
    """AWS gives none where nothing is said."""
    assert violations(RULE, DATABASE.but("publiclyAccessible", value)) == []


def test_rejects_a_public_address() -> None:
    """The message names rule type, resource, finding and remedy."""
    assert violations(RULE, DATABASE.but("publiclyAccessible", True)) == [
        "subject (aws:rds/instance:Instance): publiclyAccessible is true. Remedy: leave publiclyAccessible out, "
        "and set dbSubnetGroupName to a group of private subnets"
    ]


def test_rejects_a_public_member_of_a_cluster() -> None:
    """Aurora's instances have addresses of their own."""
    member = Given(type="aws:rds/clusterInstance:ClusterInstance", properties={"publiclyAccessible": True})

    assert len(violations(RULE, member)) == 1


def test_rejects_a_database_in_the_default_vpc() -> None:
    """Its subnets are public."""
    [message] = violations(RULE, DATABASE.but("dbSubnetGroupName", ABSENT))

    assert "default VPC" in message


def test_accepts_a_replica_without_subnet_group() -> None:
    """A replica is where its source is."""
    replica = DATABASE.but("dbSubnetGroupName", ABSENT).but("replicateSourceDb", "main")

    assert violations(RULE, replica) == []
