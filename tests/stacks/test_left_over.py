"""Log groups that were there before a deployment.

Real: the engine with its state, and the program's reads of state and account. Emulated: CloudWatch Logs by moto.
"""

from pathlib import Path
from typing import Any

import boto3
import pulumi
import pulumi_aws as aws
import pytest

from components._log_groups import log_group
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.cloud import ACCESS_KEY
from stacks.deployed import Deployed, read_deployed
from stacks.left_over import LOG_GROUP_TYPE, left_over_log_groups
from stacks.names import Names
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION
from tests.support.engine import STACK
from tests.support.fake_outputs import answer_of
from tests.support.on_engine import OnEngine
from tests.support.recorder import record

CLUSTER = f"/aws/eks/drydock-{STACK}/cluster"
DATABASE = f"/aws/rds/instance/drydock-{STACK}/postgresql"
PODS = f"/aws/containerinsights/drydock-{STACK}/application"
OTHERS = f"/aws/eks/drydock-{STACK}-2/cluster"


@pytest.fixture
def logs(server: AwsServer) -> Any:
    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": ACCESS_KEY}
    return boto3.client("logs", endpoint_url=server.endpoint, region_name=REGION, **keys)


def program() -> None:
    provider = aws.Provider("aws", region=REGION, default_tags={"tags": {"Project": "drydock"}})
    existing = left_over_log_groups(Names(STACK), provider, read_deployed())
    opts = pulumi.ResourceOptions(provider=provider)
    for name, group in (("cluster", CLUSTER), ("database", DATABASE), ("pods", PODS)):
        log_group(name, group, 30, existing, opts)
    pulumi.export("done", "yes")


def test_takes_over_what_a_service_made_again(tmp_path: Path, server: AwsServer, logs: Any) -> None:
    """EKS wrote its last logs after a destroy: the next deployments succeed, with the program's retention."""
    logs.create_log_group(logGroupName=OTHERS)
    stack = OnEngine(tmp_path / "stack", (AwsProvider(ACCOUNT_ID, REGION, server.endpoint),), program)
    for left in ([], [CLUSTER], [CLUSTER, DATABASE], [PODS]):
        for group in left:
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(logGroupName=group, logStreamName="last words")

        stack.up()
        found = {each["logGroupName"]: each for each in logs.describe_log_groups()["logGroups"]}
        assert {name: found[name].get("retentionInDays") for name in (CLUSTER, DATABASE)} == {CLUSTER: 30, DATABASE: 30}
        arn = found[CLUSTER]["arn"].removesuffix(":*")
        assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"Project": "drydock"}
        for group in left:
            streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
            assert [stream["logStreamName"] for stream in streams] == ["last words"]
        stack.up()
        assert set(stack.changes) == {"same"}

        stack.destroy()
        assert [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]] == [OTHERS]
    stack.close()


def test_a_state_with_one_group_of_a_service_hides_no_other() -> None:
    """An interrupted deployment made one and not the other; the service then created the other."""
    deployed = Deployed(resources={LOG_GROUP_TYPE: ({"name": DATABASE},)})
    upgrade = f"/aws/rds/instance/drydock-{STACK}/upgrade"
    answers = {"logGroupNames": [DATABASE, upgrade, f"{upgrade}-2"], "arns": []}

    recording = record(
        lambda: sorted(left_over_log_groups(Names(STACK), aws.Provider("aws", region=REGION), deployed)),
        answer=lambda request: answers if "rds" in request.args["logGroupNamePrefix"] else answer_of(request.tok),
    )

    assert recording.result == [upgrade]
