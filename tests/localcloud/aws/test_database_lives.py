"""Databases in the local account: created again under the same name, upgraded, and refused changes."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.aws.server import AwsServer
from localcloud.protocol.servicer import ProviderError, Target
from localcloud.providers.random_ import RandomProvider
from tests.localcloud.aws.conftest import Made, Stack

LIFE = Target(urn="urn:life", type="random:index/randomId:RandomId", name="life")


def group(stack: Stack, major: int) -> str:
    made = stack.create("aws:rds/parameterGroup:ParameterGroup", f"p{major}", family=f"postgres{major}")
    return str(made.id)


def database(stack: Stack, **more: Any) -> Made:
    inputs = {
        "identifier": "db",
        "engine": "postgres",
        "engineVersion": "17.6",
        "instanceClass": "db.m7g.large",
        "allocatedStorage": 30,
        "username": "app",
        "password": "password",
        "dbName": "app",
        "skipFinalSnapshot": True,
    }
    return stack.create("aws:rds/instance:Instance", "db", **{**inputs, **more})


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=st.lists(st.booleans(), min_size=2, max_size=4))
def test_a_database_can_be_created_again_under_its_name(stack: Stack, server: AwsServer, lives: list[bool]) -> None:
    """Each instance leaves its own snapshot with its key, or none; both are reported as kept."""
    before = server.left()
    kept = 0
    for final in lives:
        key = stack.create("aws:kms/key:Key", "storage")
        _, drawn = RandomProvider().create(LIFE, {"byteLength": 4}, preview=False)
        last = {"skipFinalSnapshot": False, "finalSnapshotIdentifier": f"db-final-{drawn['hex']}"} if final else {}
        made = database(stack, storageEncrypted=True, kmsKeyId=key.outputs["arn"], **last)
        made.delete()
        if not final:
            key.delete()
        kept += final

    fresh = [item for item in server.left() if item not in before]
    assert all(item.get("kept") for item in fresh), fresh
    assert sorted(item["kind"] for item in fresh) == ["DBSnapshot"] * kept + ["Key"] * kept


def test_a_key_without_a_snapshot_is_reported_as_left(stack: Stack, server: AwsServer) -> None:
    """Only the key of a snapshot is kept on purpose."""
    stack.create("aws:kms/key:Key", "lost")

    assert [(item["kind"], item.get("kept")) for item in server.left()] == [("Key", None)]


def test_upgrades_to_an_allowed_major_version(stack: Stack) -> None:
    """The parameter group changes in the same update, and the old group can be deleted afterwards."""
    old = stack.create("aws:rds/parameterGroup:ParameterGroup", "old", family="postgres17")
    made = database(stack, parameterGroupName=old.id)

    made.update(
        engineVersion="18.1",
        parameterGroupName=group(stack, 18),
        allowMajorVersionUpgrade=True,
        applyImmediately=True,
    )

    assert made.refresh() == []
    assert made.outputs["engineVersion"] == "18.1"
    old.delete()


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("another major version that is not allowed", {"engineVersion": "18.1"}, "AllowMajorVersionUpgrade"),
    ("an older minor version", {"engineVersion": "17.5"}, "Cannot upgrade postgres from 17.6 to 17.5"),
    ("an older major version", {"engineVersion": "16.9", "allowMajorVersionUpgrade": True}, "from 17.6 to 16.9"),
    ("less storage", {"allocatedStorage": 20}, "storage cannot be reduced"),
    ("backups beyond the limit", {"backupRetentionPeriod": 36}, "must be between 0 and 35"),
]


@pytest.mark.parametrize(("changes", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refuses_changes_that_rds_refuses(stack: Stack, changes: dict[str, Any], message: str) -> None:
    """Code and reason are those of RDS, and nothing is changed."""
    made = database(stack)

    with pytest.raises(ProviderError, match=rf"ModifyDBInstance was refused with InvalidParameter.*{message}"):
        made.update(**changes)

    assert made.refresh() == []


def test_refuses_a_parameter_group_of_another_version(stack: Stack) -> None:
    """It is refused in an allowed upgrade too."""
    made = database(stack, parameterGroupName=group(stack, 17))

    with pytest.raises(ProviderError, match="DBParameterGroupFamily postgres18"):
        made.update(engineVersion="18.1", allowMajorVersionUpgrade=True, applyImmediately=True)
    with pytest.raises(ProviderError, match="DBParameterGroupFamily postgres17"):
        made.update(parameterGroupName=group(stack, 18))


def test_minor_upgrades_need_no_permission(stack: Stack) -> None:
    """Storage can grow too."""
    made = database(stack)

    made.update(engineVersion="17.10", allocatedStorage=40)

    assert made.refresh() == []
