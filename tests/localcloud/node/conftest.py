"""A control plane with a node for all tests of this folder, stopped after them; each test has its own namespace."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.support.control_plane import binaries
from tests.support.node import NodeStage, node_in

CLUSTER_ARN = "arn:aws:eks:eu-central-1:123456789012:cluster/platform"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "123456789012"},
                "ArnEquals": {"aws:SourceArn": CLUSTER_ARN},
            },
        }
    ],
}


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeStage]:
    with node_in(tmp_path_factory.mktemp("node"), binaries()) as running:
        yield running


@pytest.fixture(scope="package")
def endpoint(stage: NodeStage) -> str:
    return f"http://127.0.0.1:{json.loads((stage.state / 'ports.json').read_text())['aws']}"


@pytest.fixture(scope="package")
def cluster(endpoint: str) -> Any:
    """EKS with a cluster and one Pod Identity association: role `jobs` for the ServiceAccount identity/jobs."""
    vpc = owner(endpoint, "ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        owner(endpoint, "ec2").create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"eu-central-1{z}")
        for i, z in enumerate("ab")
    ]
    iam, eks = owner(endpoint, "iam"), owner(endpoint, "eks")
    role = iam.create_role(RoleName="jobs", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    eks.create_cluster(
        name="platform",
        roleArn=role,
        resourcesVpcConfig={"subnetIds": [each["Subnet"]["SubnetId"] for each in subnets]},
    )
    eks.create_pod_identity_association(
        clusterName="platform", namespace="identity", serviceAccount="jobs", roleArn=role
    )
    return eks


def owner(endpoint: str, service: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=endpoint,
        region_name="eu-central-1",
        aws_access_key_id="drydock",
        aws_secret_access_key="drydock",
    )
