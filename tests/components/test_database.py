"""The component Database: its resources for given arguments."""

import pytest

from components.database import Database
from tests.support.builders import database_args
from tests.support.recorder import Recording, record

RDS = "aws:rds/instance:Instance"


def _database(**changes: object) -> Recording:
    return record(lambda: Database("database", database_args(**changes)).endpoint)


def test_is_private_and_encrypted() -> None:
    """It has no public address, and its storage, backups and insights are encrypted with its own key."""
    recording = _database()

    inputs = recording.only(RDS).inputs
    key = recording.only("aws:kms/key:Key", "database-storage")
    assert inputs["publiclyAccessible"] is False
    assert inputs["storageEncrypted"] is True
    assert inputs["kmsKeyId"] == inputs["performanceInsightsKmsKeyId"]
    assert inputs["kmsKeyId"].endswith(key.name)
    assert key.inputs["enableKeyRotation"] is True


def test_only_its_clients_may_connect() -> None:
    """There is one ingress rule for one port and one security group, and no egress rule."""
    recording = _database()

    rule = recording.only("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert rule["referencedSecurityGroupId"] == "sg-clients"
    assert (rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (5432, 5432, "tcp")
    assert "cidrIpv4" not in rule
    group = recording.only("aws:ec2/securityGroup:SecurityGroup")
    assert not {"ingress", "egress"} & set(group.inputs)
    assert recording.only(RDS).inputs["vpcSecurityGroupIds"] == ["SecurityGroup:database-access"]


def test_requires_tls() -> None:
    """The server refuses connections without TLS."""
    parameters = _database().only("aws:rds/parameterGroup:ParameterGroup").inputs

    assert parameters["family"] == "postgres18"
    # RDS always returns "pending-reboot": any other method would be an update in every plan.
    assert {"name": "rds.force_ssl", "value": "1", "applyMethod": "pending-reboot"} in parameters["parameters"]


def test_defaults_protect_against_mistakes_and_lost_zones() -> None:
    """By default it has a standby, backups, and three protections against deletion."""
    instance = _database().only(RDS)

    assert instance.protect
    assert instance.inputs["multiAz"] is True
    assert instance.inputs["backupRetentionPeriod"] == 14
    assert instance.inputs["deletionProtection"] is True
    assert instance.inputs["skipFinalSnapshot"] is False
    assert instance.inputs["finalSnapshotIdentifier"] == "drydock-test-final-0a1b2c3d"
    assert instance.inputs["deleteAutomatedBackups"] is False
    assert instance.inputs["copyTagsToSnapshot"] is True


def test_a_disposable_database_leaves_nothing() -> None:
    """With these settings it is deleted without a snapshot, a backup or protection."""
    recording = _database(protect=False, deletion_protection=False, skip_final_snapshot=True)

    instance = recording.only(RDS)
    assert "finalSnapshotIdentifier" not in instance.inputs
    assert instance.inputs["deleteAutomatedBackups"] is True
    assert [r.name for r in recording.resources.values() if r.protect] == []


def test_each_instance_has_its_own_name_for_the_final_snapshot() -> None:
    """It ends in a random value that changes with the instance, because RDS refuses the name of an earlier snapshot."""
    recording = _database()

    life = recording.only("random:index/randomId:RandomId")
    assert life.inputs["byteLength"] == 4
    assert set(life.inputs["keepers"]) == {"key", "name", "username"}
    assert not life.protect


@pytest.mark.parametrize("skip", [True, False])
def test_the_key_is_retained_with_the_final_snapshot(skip: bool) -> None:
    """Without its key a snapshot cannot be read; without a snapshot the key is not needed."""
    recording = _database(skip_final_snapshot=skip)

    assert recording.only("aws:kms/key:Key", "database-storage").retain_on_delete is not skip
    assert [r.name for r in recording.resources.values() if r.retain_on_delete] == (
        [] if skip else ["database-storage"]
    )
    assert recording.names("random:index/randomId:RandomId") == ([] if skip else ["database-life"])


@pytest.mark.parametrize(
    ("asked", "immediately", "major"),
    [({}, False, False), ({"apply_immediately": True, "allow_major_version_upgrade": True}, True, True)],
)
def test_changes_wait_and_the_major_version_stays_by_default(
    asked: dict[str, bool], immediately: bool, major: bool
) -> None:
    """By default nothing interrupts the service outside of the maintenance window."""
    inputs = _database(**asked).only(RDS).inputs

    assert (inputs["applyImmediately"], inputs["allowMajorVersionUpgrade"]) == (immediately, major)


def test_version_changes_only_with_the_setting() -> None:
    """Automatic upgrades of minor versions are off."""
    inputs = _database().only(RDS).inputs

    assert (inputs["engineVersion"], inputs["autoMinorVersionUpgrade"]) == ("18.1", False)


def test_rds_manages_the_password_of_the_master_user() -> None:
    """RDS stores it in a secret with its own key; the program has no password. Other users sign in with IAM."""
    recording = record(lambda: Database("database", database_args()).master_secret_arn)
    inputs = recording.only(RDS).inputs

    assert recording.result == "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-database-instance"
    assert recording.all("random:index/randomPassword:RandomPassword") == []
    assert not {"password", "passwordWo"} & set(inputs)
    assert (inputs["manageMasterUserPassword"], inputs["iamDatabaseAuthenticationEnabled"]) == (True, True)
    assert inputs["masterUserSecretKmsKeyId"].endswith(":key/database-master")
    assert recording.only("aws:kms/key:Key", "database-master").protect is True


def test_log_groups_are_created_before_the_instance() -> None:
    """Otherwise RDS creates them itself, with unlimited retention."""
    recording = _database(log_retention_days=30)

    groups = recording.all("aws:cloudwatch/logGroup:LogGroup")
    assert [group.inputs["name"] for group in groups] == [
        "/aws/rds/instance/drydock-test/postgresql",
        "/aws/rds/instance/drydock-test/upgrade",
    ]
    assert {group.inputs["retentionInDays"] for group in groups} == {30}
    assert {group.urn for group in groups} <= recording.waits_for(recording.only(RDS))


@pytest.mark.parametrize(("on", "key"), [(True, True), (False, False)])
def test_performance_insights_can_be_off(on: bool, key: bool) -> None:
    """The smallest instance classes do not support them, and RDS then refuses a key for them."""
    inputs = _database(performance_insights=on).only(RDS).inputs

    assert inputs["performanceInsightsEnabled"] is on
    assert ("performanceInsightsKmsKeyId" in inputs) is key


def test_outputs_host_and_port() -> None:
    """They are those of the endpoint that a client connects to."""
    assert _database().result == "drydock-test.rds.amazonaws.com:5432"
