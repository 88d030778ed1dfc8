"""A local account with a cluster, a role for the pods of a ServiceAccount, and their credentials."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components._iam import refuse_without_tls
from localcloud.aws.account import Account
from localcloud.aws.pod_identity import Subject
from localcloud.aws.server import AwsServer
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, start_server

CLUSTER_ARN = f"arn:aws:eks:{REGION}:{ACCOUNT_ID}:cluster/platform"
ROLE = "worker"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT_ID}:role/{ROLE}"


class Reviews(dict[str, Subject]):
    """Stands for token reviews of the API server, which is not available for one of the tokens."""

    def get(self, token: str) -> Subject | None:  # type: ignore[override]
        if token == "unreachable":
            raise OSError("refused")
        return super().get(token)


POD = Reviews(
    worker=Subject(namespace="app", service_account="worker", pod="worker-abc", pod_uid="uid-1"),
    other=Subject(namespace="app", service_account="other", pod="other-abc", pod_uid="uid-2"),
)


def trust_policy(*actions: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": list(actions),
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
            "ArnEquals": {"aws:SourceArn": CLUSTER_ARN},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass
class Home:
    """The account with the credentials of its owner."""

    server: AwsServer
    association_id: str = ""
    owner: Account = field(init=False)

    def __post_init__(self) -> None:
        self.owner = Account(ACCOUNT_ID, REGION, self.server.endpoint)

    def sessions(self) -> list[Any]:
        from moto.sts.models import sts_backends  # noqa: PLC0415 - after the server has set its environment

        return list(sts_backends[ACCOUNT_ID]["aws"].assumed_roles)

    def trust(self, *actions: str) -> None:
        self.owner.call("iam", "UpdateAssumeRolePolicy", RoleName=ROLE, PolicyDocument=trust_policy(*actions))

    def update_association(self, **changes: Any) -> None:
        self.owner.call(
            "eks",
            "UpdatePodIdentityAssociation",
            clusterName="platform",
            associationId=self.association_id,
            roleArn=ROLE_ARN,
            **changes,
        )

    def put_policy(self, *statements: Mapping[str, Any]) -> None:
        """Replace the inline policies of the role by one with these statements."""
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        self.owner.call("iam", "PutRolePolicy", RoleName=ROLE, PolicyName="worker", PolicyDocument=document)


def make_home(state: Path) -> Home:
    """Return an account with a cluster in which ServiceAccount app/worker is associated with the role `worker`."""
    home = Home(start_server(state, review_token=POD.get))
    call = home.owner.call
    vpc = call("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        call("ec2", "CreateSubnet", VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for i, zone in enumerate("ab")
    ]
    trust = trust_policy("sts:AssumeRole", "sts:TagSession")
    call("iam", "CreateRole", RoleName=ROLE, AssumeRolePolicyDocument=trust, Tags=[{"Key": "team", "Value": "red"}])
    statement = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    by_eks = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cluster_role = call("iam", "CreateRole", RoleName="cluster", AssumeRolePolicyDocument=by_eks)["Role"]["Arn"]
    call(
        "eks",
        "CreateCluster",
        name="platform",
        roleArn=cluster_role,
        resourcesVpcConfig={"subnetIds": [each["Subnet"]["SubnetId"] for each in subnets]},
    )
    association = call(
        "eks",
        "CreatePodIdentityAssociation",
        clusterName="platform",
        namespace="app",
        serviceAccount="worker",
        roleArn=ROLE_ARN,
    )
    home.association_id = association["association"]["associationId"]
    return home


def credentials(server: AwsServer, token: str = "worker") -> dict[str, Any]:
    """Return the credentials of a pod with this token."""
    return server.identity.credentials(token)


@dataclass(frozen=True, kw_only=True)
class Queues:
    """The job queue, its dead-letter queue and their key, as the component JobQueue creates them."""

    url: str
    dead_url: str
    arn: str
    dead_arn: str
    key_arn: str


def make_queues(home: Home) -> Queues:
    call = home.owner.call
    key = call("kms", "CreateKey")["KeyMetadata"]["Arn"]
    urls = [
        call("sqs", "CreateQueue", QueueName=name, Attributes={"KmsMasterKeyId": key})["QueueUrl"]
        for name in ("jobs", "jobs-dead")
    ]
    arns = [f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}" for name in ("jobs", "jobs-dead")]
    for url, arn in zip(urls, arns, strict=True):
        call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": refuse_without_tls(arn)})
    return Queues(url=urls[0], dead_url=urls[1], arn=arns[0], dead_arn=arns[1], key_arn=key)
