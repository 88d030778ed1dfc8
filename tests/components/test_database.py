"""Database: what it makes of its args."""

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


def test_only_its_clients_reach_it() -> None:
    """One rule, one port, one security group; nothing goes out."""
    recording = _database()

    rule = recording.only("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert rule["referencedSecurityGroupId"] == "sg-clients"
    assert (rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (5432, 5432, "tcp")
    assert "cidrIpv4" not in rule
    group = recording.only("aws:ec2/securityGroup:SecurityGroup")
    assert not {"ingress", "egress"} & set(group.inputs)
    assert recording.only(RDS).inputs["vpcSecurityGroupIds"] == ["SecurityGroup:database-access"]


def test_demands_tls() -> None:
    """A connection without TLS is refused by the server."""
    parameters = _database().only("aws:rds/parameterGroup:ParameterGroup").inputs

    assert parameters["family"] == "postgres18"
    # RDS tells "pending-reboot" whatever was asked for: any other method is an update in every plan.
    assert {"name": "rds.force_ssl", "value": "1", "applyMethod": "pending-reboot"} in parameters["parameters"]


def test_defaults_survive_mistakes_and_lost_zones() -> None:
    """By default it has a standby, backups, and three locks against its deletion."""
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
    """Told so, it goes without a snapshot, a backup or a protest."""
    recording = _database(protect=False, deletion_protection=False, skip_final_snapshot=True)

    instance = recording.only(RDS)
    assert "finalSnapshotIdentifier" not in instance.inputs
    assert instance.inputs["deleteAutomatedBackups"] is True
    assert [r.name for r in recording.resources.values() if r.protect] == []


def test_each_life_has_a_final_snapshot_of_its_own() -> None:
    """Its name ends in a value that is drawn with the instance: RDS refuses the name of an earlier snapshot."""
    recording = _database()

    life = recording.only("random:index/randomId:RandomId")
    assert life.inputs["byteLength"] == 4
    assert set(life.inputs["keepers"]) == {"key", "name", "username"}
    assert not life.protect


@pytest.mark.parametrize("skip", [True, False])
def test_the_key_stays_with_the_final_snapshot(skip: bool) -> None:
    """Without its key a snapshot cannot be read; without a snapshot the key has no use."""
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
def test_changes_wait_and_majors_stay_unless_asked(asked: dict[str, bool], immediately: bool, major: bool) -> None:
    """Nothing interrupts the service outside of the maintenance window by default."""
    inputs = _database(**asked).only(RDS).inputs

    assert (inputs["applyImmediately"], inputs["allowMajorVersionUpgrade"]) == (immediately, major)


def test_version_changes_only_when_asked() -> None:
    """RDS does not raise it by itself."""
    inputs = _database().only(RDS).inputs

    assert (inputs["engineVersion"], inputs["autoMinorVersionUpgrade"]) == ("18.1", False)


def test_rds_keeps_the_password_of_the_master_user() -> None:
    """In a secret with a key of its own; the program neither makes nor learns a password, and IAM signs others in."""
    recording = record(lambda: Database("database", database_args()).master_secret_arn)
    inputs = recording.only(RDS).inputs

    assert recording.result == "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-database-instance"
    assert recording.all("random:index/randomPassword:RandomPassword") == []
    assert not {"password", "passwordWo"} & set(inputs)
    assert (inputs["manageMasterUserPassword"], inputs["iamDatabaseAuthenticationEnabled"]) == (True, True)
    assert inputs["masterUserSecretKmsKeyId"].endswith(":key/database-master")
    assert recording.only("aws:kms/key:Key", "database-master").protect is True


def test_log_groups_are_there_before_the_instance() -> None:
    """Else RDS makes them itself, for ever."""
    recording = _database(log_retention_days=30)

    groups = recording.all("aws:cloudwatch/logGroup:LogGroup")
    assert [group.inputs["name"] for group in groups] == [
        "/aws/rds/instance/drydock-test/postgresql",
        "/aws/rds/instance/drydock-test/upgrade",
    ]
    assert {group.inputs["retentionInDays"] for group in groups} == {30}
    assert {group.urn for group in groups} <= recording.waits_for(recording.only(RDS))


@pytest.mark.parametrize(("on", "key"), [(True, True), (False, False)])
def test_insights_can_be_off(on: bool, key: bool) -> None:
    """The smallest classes have none, and then RDS takes no key for them either."""
    inputs = _database(performance_insights=on).only(RDS).inputs

    assert inputs["performanceInsightsEnabled"] is on
    assert ("performanceInsightsKmsKeyId" in inputs) is key


def test_gives_host_and_port() -> None:
    """The endpoint is what a client connects to."""
    assert _database().result == "drydock-test.rds.amazonaws.com:5432"
