"""Steps that need the patches of RDS."""

import json
from typing import Any

import pytest

from tests.localcloud.aws.moto_patches.steps.common import LOGINS, PLACES, client, network


def instance(**more: Any) -> Any:
    rds = client("rds")
    basic = {"Engine": "postgres", "EngineVersion": "17.5", "DBInstanceClass": "db.m7g.large", "AllocatedStorage": 30}
    account = {"MasterUsername": "app", "MasterUserPassword": "password"}
    windows = {"PreferredMaintenanceWindow": "sun:03:30-sun:04:30", "PreferredBackupWindow": "02:00-03:00"}
    rds.create_db_instance(DBInstanceIdentifier="db", **basic, **account, **windows, **more)
    return rds


def told_instance(rds: Any) -> dict[str, Any]:
    return dict(rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0])


def rds_endpoint() -> None:
    assert told_instance(instance(Port=5555))["Endpoint"]["Port"] == PLACES.database[1]


def rds_insights() -> None:
    rds = instance(EnablePerformanceInsights=True, DatabaseInsightsMode="standard", DedicatedLogVolume=True)
    told = told_instance(rds)
    assert (told["PerformanceInsightsEnabled"], told["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    assert (told["DatabaseInsightsMode"], told["DedicatedLogVolume"]) == ("standard", True)
    rds.modify_db_instance(DBInstanceIdentifier="db", EnablePerformanceInsights=False)
    assert told_instance(rds)["PerformanceInsightsEnabled"] is False


def rds_license() -> None:
    assert told_instance(instance())["LicenseModel"] == "postgresql-license"


def rds_master_secret() -> None:
    rds, secrets = client("rds"), client("secretsmanager")
    basic = {"Engine": "postgres", "EngineVersion": "17.5", "DBInstanceClass": "db.m7g.large", "AllocatedStorage": 30}
    told = []
    for name in ("one", "two"):
        made = rds.create_db_instance(
            DBInstanceIdentifier=name, DBName=f"{name}db", MasterUsername=name, ManageMasterUserPassword=True, **basic
        )
        told.append(made["DBInstance"]["MasterUserSecret"])
    one, two = (json.loads(secrets.get_secret_value(SecretId=each["SecretArn"])["SecretString"]) for each in told)
    assert [each["SecretStatus"] for each in told] == ["active", "active"]
    assert (one["username"], two["username"]) == ("one", "two")
    assert len({one["password"], two["password"]}) == 2
    for login, name in ((one, "one"), (two, "two")):
        assert LOGINS.pop(0) == {**login, "identifier": name, "dbName": f"{name}db"}
    arn = told[0]["SecretArn"]
    for rotate in (
        lambda: secrets.rotate_secret(SecretId=arn),
        lambda: rds.modify_db_instance(
            DBInstanceIdentifier="one", RotateMasterUserPassword=True, ApplyImmediately=True
        ),
    ):
        before = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
        rotate()
        now = secrets.get_secret_value(SecretId=arn)
        previous = secrets.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")["SecretString"]
        assert json.loads(previous) == before != json.loads(now["SecretString"])
        assert LOGINS.pop() == {**json.loads(now["SecretString"]), "identifier": "one", "dbName": "onedb"}
    rds.modify_db_instance(DBInstanceIdentifier="one", ManageMasterUserPassword=True)
    assert len(secrets.list_secrets()["SecretList"]) == 2
    rds.delete_db_instance(DBInstanceIdentifier="one", SkipFinalSnapshot=True)
    assert [each["ARN"] for each in secrets.list_secrets()["SecretList"]] == [told[1]["SecretArn"]]


def rds_reset_parameters() -> None:
    rds = client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="p", DBParameterGroupFamily="postgres17", Description="d")
    parameter = {"ParameterName": "max_connections", "ParameterValue": "9", "ApplyMethod": "pending-reboot"}
    rds.modify_db_parameter_group(DBParameterGroupName="p", Parameters=[parameter])
    rds.reset_db_parameter_group(DBParameterGroupName="p", Parameters=[parameter])
    assert rds.describe_db_parameters(DBParameterGroupName="p")["Parameters"] == []


def rds_subnet_group() -> None:
    _, _, subnets = network()
    rds = client("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="s", DBSubnetGroupDescription="d", SubnetIds=subnets[:2])
    rds.modify_db_subnet_group(DBSubnetGroupName="s", SubnetIds=subnets)
    (group,) = rds.describe_db_subnet_groups()["DBSubnetGroups"]
    assert len(group["Subnets"]) == 3
    with pytest.raises(rds.exceptions.DBSubnetGroupNotFoundFault):
        rds.modify_db_subnet_group(DBSubnetGroupName="other", SubnetIds=subnets)


STEPS = (
    rds_endpoint,
    rds_insights,
    rds_license,
    rds_master_secret,
    rds_reset_parameters,
    rds_subnet_group,
)
