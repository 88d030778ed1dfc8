"""`drydock doctor STACK` on a local account with prepared faults: it reports all of them, and creates nothing.

The account is moto as the local cloud runs it. What moto has no answer for is answered here, by STUBS.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from components._addons import POD_LOGS, SECRETS_STORE
from infra.commands.doctor import doctor
from infra.engine import account_preflight, session
from infra.errors import OperationError
from infra.preflight import tools
from infra.preflight.reader import Reader
from localcloud.aws import inventory
from localcloud.aws.server import AwsServer
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, start_server

STACK = "prod"
NAME = f"drydock-{STACK}"
KEY = {"aws_access_key_id": "drydock", "aws_secret_access_key": "drydock"}
# Operations that moto lacks, or answers with nothing: this is AWS in which the versions of the stack are not offered.
STUBS: dict[str, dict[str, Any]] = {
    "DescribeClusterVersions": {"clusterVersions": [{"clusterVersion": "1.30", "versionStatus": "EXTENDED_SUPPORT"}]},
    "DescribeAddonVersions": {"addons": [{"addonVersions": [{"addonVersion": "v9.9.9-eksbuild.1"}]}]},
    "DescribeDBEngineVersions": {"DBEngineVersions": [{"EngineVersion": "11.1"}]},
    "DescribeOrderableDBInstanceOptions": {"OrderableDBInstanceOptions": []},
    "DescribeRegions": {"Regions": [{"RegionName": REGION, "OptInStatus": "not-opted-in"}]},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsServer]:
    server = start_server(tmp_path_factory.mktemp("aws"))
    plant(Reader(REGION, endpoint=server.endpoint, credentials=KEY))
    yield server
    server.stop()


def plant(call: Reader) -> None:
    """Create resources that block the deployment of the stack, and log groups that it imports."""
    vpc, *_ = [call("ec2", "CreateVpc", CidrBlock=f"10.{i}.0.0/16")["Vpc"]["VpcId"] for i in range(5)]
    subnets = [
        call("ec2", "CreateSubnet", VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for i, zone in enumerate("ab")
    ]
    for i in range(4):
        call("ec2", "AllocateAddress", Domain="vpc", TagSpecifications=_tagged("elastic-ip", str(i)))
    trust = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    # The administrator has a path, and the deploy role is not there at all.
    role = call("iam", "CreateRole", RoleName=f"{NAME}-admin", Path="/ops/", AssumeRolePolicyDocument=document)["Role"]
    network = {"subnetIds": [each["SubnetId"] for each in subnets]}
    call("eks", "CreateCluster", name=NAME, roleArn=role["Arn"], resourcesVpcConfig=network)
    call(
        "rds",
        "CreateDBInstance",
        DBInstanceIdentifier=NAME,
        Engine="postgres",
        DBInstanceClass="db.t4g.medium",
        AllocatedStorage=20,
        MasterUsername="app",
        MasterUserPassword="password",
    )
    call("ecr", "CreateRepository", repositoryName=NAME)
    for group in (
        f"/aws/eks/{NAME}/cluster",
        f"/aws/rds/instance/{NAME}/postgresql",
        f"/aws/rds/instance/{NAME}/upgrade",
        f"/aws/containerinsights/{NAME}/application",
    ):
        call("logs", "CreateLogGroup", logGroupName=group)


def _tagged(kind: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


@pytest.fixture
def command(server: AwsServer, monkeypatch: pytest.MonkeyPatch) -> Typer:
    """The command, in a shell whose AWS is the local account, on a machine without Docker and AWS CLI."""

    def reader(region: str) -> Any:
        ask = Reader(region, endpoint=server.endpoint, credentials=KEY)
        return lambda service, operation, **asked: STUBS.get(operation) or ask(service, operation, **asked)

    monkeypatch.setattr(account_preflight, "reader", reader)
    monkeypatch.setattr(account_preflight, "known", lambda _: frozenset())
    monkeypatch.setattr(tools.shutil, "which", lambda _: None)
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///tmp")
    app = Typer()
    app.command()(doctor)
    return app


def test_every_planted_fault_is_named(command: Typer, server: AwsServer) -> None:
    """With exit code 1, and the account is as it was."""
    asked, before = session.read_settings(STACK), inventory.fresh(ACCOUNT_ID, REGION)
    result = CliRunner().invoke(command, [STACK, "--json"])
    report = json.loads(result.stdout)
    failed = [f"{each['check']}: {each['found']}" for each in report["findings"] if each["verdict"] == "fails"]

    assert isinstance(result.exception, OperationError)
    assert result.exception.exit_code == 1
    assert report["ok"] is False
    assert sorted(failed) == sorted(
        [
            "tool: Docker: does not work",
            "tool: buildx: does not work",
            "tool: AWS CLI: does not work",
            "state backend: file:///tmp",
            f"access to the cluster: arn:aws:sts::{ACCOUNT_ID}:user/moto deploys",
            f"administrator: no role {NAME}-deploy",
            f"administrator: arn:aws:iam::{ACCOUNT_ID}:role/ops/{NAME}-admin",
            f"permissions boundary: no policy {NAME}-boundary",
            f"region: {REGION}: not-opted-in",
            "Kubernetes version: 1.35: not offered",
            f"add-on: metrics-server {asked.cluster.metrics_server}: not offered for Kubernetes 1.35",
            f"add-on: {SECRETS_STORE} {asked.cluster.secrets_store_version}: not offered for Kubernetes 1.35",
            f"add-on: {POD_LOGS} {asked.cluster.pod_logs_version}: not offered for Kubernetes 1.35",
            f"PostgreSQL version: {asked.database.engine_version}: not offered",
            f"instance class: db.m7g.large for PostgreSQL {asked.database.engine_version}: not offered",
            "domain: zone example.com: not in this account",
            "quota: VPCs: 6 of 5 used",
            "quota: Elastic IP addresses: 4 of 5 used (the default: the account's own value cannot be read)",
            f"name: EKS cluster {NAME}: taken",
            f"name: RDS instance {NAME}: taken",
            f"name: ECR repository {NAME}: taken",
        ]
    )
    assert len(failed) == 21
    assert inventory.fresh(ACCOUNT_ID, REGION) == before


def test_log_groups_that_the_deployment_imports_are_no_fault(command: Typer) -> None:
    """EKS, RDS and the pods' logs create them again after a destroy."""
    report = json.loads(CliRunner().invoke(command, [STACK, "--json"]).stdout)

    assert [each["found"] for each in report["findings"] if each["found"].startswith("log group")] == [
        f"log group /aws/eks/{NAME}/cluster: left over; this deployment imports it",
        f"log group /aws/rds/instance/{NAME}/postgresql: left over; this deployment imports it",
        f"log group /aws/rds/instance/{NAME}/upgrade: left over; this deployment imports it",
        f"log group /aws/containerinsights/{NAME}/application: left over; this deployment imports it",
        f"log group /aws/containerinsights/{NAME}/dataplane: free",
        f"log group /aws/containerinsights/{NAME}/host: free",
    ]


def test_the_table_says_what_to_do(command: Typer) -> None:
    """Each failed check has its remedy below the table."""
    result = CliRunner().invoke(command, [STACK])

    assert "if it belongs to this stack, its state is lost: import it; otherwise delete it" in result.output
    assert "delete-log-group" not in result.output
    assert "enable eu-central-1 in the account's settings" in result.output
    assert str(result.exception).startswith(f"{STACK} cannot be deployed yet: 21 of ")
    assert str(result.exception).endswith("; nothing was created")
