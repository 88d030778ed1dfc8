"""aws-rds-no-public-access."""

from typing import Any

import pytest

from infra.policy.rules.rds_no_public_access import RULE
from tests.infra.policy.compliant import DATABASE
from tests.infra.policy.judge import ABSENT, Given, violations


@pytest.mark.parametrize("value", [False, ABSENT])
def test_accepts_a_database_without_public_address(value: Any) -> None:
    """Without the property, AWS assigns no public address."""
    assert violations(RULE, DATABASE.but("publiclyAccessible", value)) == []


def test_rejects_a_public_address() -> None:
    """The message has resource, finding and remedy."""
    assert violations(RULE, DATABASE.but("publiclyAccessible", True)) == [
        "subject (aws:rds/instance:Instance): publiclyAccessible is true. Remedy: leave publiclyAccessible out, "
        "and set dbSubnetGroupName to a group of private subnets"
    ]


def test_rejects_a_public_member_of_a_cluster() -> None:
    """Instances of an Aurora cluster have their own addresses."""
    member = Given(type="aws:rds/clusterInstance:ClusterInstance", properties={"publiclyAccessible": True})

    assert len(violations(RULE, member)) == 1


def test_rejects_a_database_in_the_default_vpc() -> None:
    """Subnets of the default VPC are public."""
    [message] = violations(RULE, DATABASE.but("dbSubnetGroupName", ABSENT))

    assert "default VPC" in message


def test_accepts_a_replica_without_subnet_group() -> None:
    """A replica is in the subnets of its source."""
    replica = DATABASE.but("dbSubnetGroupName", ABSENT).but("replicateSourceDb", "main")

    assert violations(RULE, replica) == []
