"""The deployment role in a rehearsal. Emulated: an AWS account in this process. Absent: the engine."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.commands.rehearse import Rehearsal
from infra.deploy_role import policies
from infra.engine import deploy_role
from infra.engine.progress import Progress
from infra.errors import OperationError
from localcloud.aws.provider import AwsProvider
from localcloud.cloud import Cloud
from localcloud.protocol.servicer import ProviderError
from stacks.settings import AssumedRole, parse_settings
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Stack

ARN = f"arn:aws:iam::{ACCOUNT_ID}:role/ops/drydock-deploy"
SETTINGS = parse_settings({"region": REGION}, "test")


@pytest.fixture
def deploy(account: tuple[Cloud, AwsProvider]) -> Callable[[], str]:
    """Return a deployment of one queue with the role; it fails with the error that the engine would report."""

    def run() -> str:
        provider = account[1]
        try:
            provider.configure(
                {"region": REGION, "assumeRoles": json.dumps(deploy_role.overrides(ARN)[("aws:assumeRoles",)])}
            )
            Stack(provider).create("aws:sqs/queue:Queue", "jobs-queue", name="jobs-queue-1").delete()
        except ProviderError as error:
            raise OperationError(f"up failed:\n  {error}") from error
        return "1 create"

    return run


def test_creates_and_removes_the_role(cloud: Cloud, deploy: Callable[[], str]) -> None:
    """The role deploys with the policies of the repository; the report lists its unused actions."""
    deploy_role.make(cloud, ARN)
    try:
        assert deploy() == "1 create"
        said = deploy_role.unused(cloud, ARN)
    finally:
        deploy_role.remove(cloud, ARN)

    granted = sum(
        len(each["Action"])
        for name, document in policies().items()
        if name not in ("not-rehearsed.json", "not-rehearsed-data.json")
        for each in document["Statement"]
    )
    assert said.startswith(f"used 4 of {granted} actions that infra/deploy_role grants for it; unused: cloudfront:")
    assert "sqs:SetQueueAttributes" in said
    assert "sqs:CreateQueue" not in said
    with pytest.raises(OperationError, match="AssumeRole was refused with AccessDenied"):
        deploy()


def test_a_missing_action_of_the_role_fails_the_rehearsal(
    cloud: Cloud, deploy: Callable[[], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message has the error of AWS, the action, the resource, the role, and the policy file to change."""
    documents = policies()
    for statement in documents["data.json"]["Statement"]:
        statement["Action"] = [action for action in statement["Action"] if action != "sqs:CreateQueue"]
    monkeypatch.setattr(deploy_role, "policies", lambda: documents)
    rehearsal = Rehearsal("dev", tmp_path, Progress(quiet=True), {}, role_arn=ARN)
    rehearsal._cloud = cloud
    deploy_role.make(cloud, ARN)
    try:
        with pytest.raises(OperationError) as failed:
            rehearsal._step("up", deploy)
    finally:
        deploy_role.remove(cloud, ARN)

    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:jobs-queue-1"
    lines = str(failed.value).splitlines()
    assert lines[0] == "rehearsal of dev failed at step `up`: up failed:"
    assert (
        f"User: arn:aws:sts::{ACCOUNT_ID}:assumed-role/drydock-deploy/rehearsal is not authorized to perform: "
        f"sqs:createqueue on resource: {arn} because no identity-based policy allows the sqs:createqueue action"
        in lines[1]
    )
    assert lines[2:] == [
        "IAM denied requests of the deployment; add each action, or its resource, to the file that follows it:",
        f"  role {ARN} is not authorized to perform sqs:CreateQueue on {arn} because no identity-based policy allows "
        "the sqs:CreateQueue action (1 times): infra/deploy_role/data.json",
    ]


@pytest.mark.parametrize(
    ("action", "file"),
    [
        ("ec2:CreateVpc", "network.json"),
        ("s3:PutBucketLogging", "network.json"),
        ("eks:CreateNodegroup", "cluster.json"),
        ("iam:PassRole", "cluster.json"),
        ("kms:Sign", "cluster.json"),
        ("rds:CreateDBCluster", "data.json"),
        ("secretsmanager:RotateSecret", "data.json"),
    ],
)
def test_an_action_belongs_to_the_file_of_its_service(action: str, file: str) -> None:
    assert deploy_role.file_for(action) == Path("infra/deploy_role") / file


def test_uses_the_role_of_the_stack_file_in_the_local_account() -> None:
    """The path of the role is kept. Without a role, it is the first administrator role of the cluster."""
    role = AssumedRole.model_validate({"roleArn": "arn:aws:iam::999999999999:role/ops/ci"})

    assert deploy_role.arn_of("dev", SETTINGS, (role,)) == "arn:aws:iam::123456789012:role/ops/ci"
    assert deploy_role.arn_of("dev", SETTINGS, ()) == "arn:aws:iam::123456789012:role/drydock-dev-deploy"


def test_overrides_the_role_and_the_boundary_of_the_stack() -> None:
    """These settings are replaced in the copy of the stack file that the engine reads."""
    expected: dict[Any, Any] = {
        ("aws:assumeRoles",): [{"roleArn": ARN, "sessionName": "rehearsal"}],
        ("drydock:permissionsBoundary",): "drydock-rehearsal-boundary",
    }
    assert deploy_role.overrides(ARN) == expected
