"""The stand-in for the aws provider without a cloud: check, diff, preview and functions."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from pulumi.runtime.rpc import UNKNOWN

from localcloud.aws.provider import AwsProvider
from localcloud.protocol.servicer import ProviderError, Target

VPC, ROLE, BUCKET = "aws:ec2/vpc:Vpc", "aws:iam/role:Role", "aws:s3/bucket:Bucket"


def target(type_: str, name: str = "main") -> Target:
    return Target(urn=f"urn:pulumi:test::drydock::{type_}::{name}", type=type_, name=name)


@pytest.fixture
def offline() -> AwsProvider:
    provider = AwsProvider("123456789012", "eu-central-1", None)
    provider.configure({"region": "eu-west-1", "defaultTags": '{"tags": {"Team": "platform"}}'})
    return provider


def test_generates_names_like_pulumi(offline: AwsProvider) -> None:
    """A name is the logical name, a hyphen and seven hexadecimal digits, and stays in the next deployment."""
    first = offline.check(target(ROLE), {}, {"assumeRolePolicy": "{}"})
    second = offline.check(target(ROLE), first, {"assumeRolePolicy": "{}"})

    assert re.fullmatch(r"main-[0-9a-f]{7}", first["name"])
    assert second["name"] == first["name"]


def test_keeps_a_given_name(offline: AwsProvider) -> None:
    """Only resources without a name get one."""
    assert offline.check(target(BUCKET), {}, {"bucket": "mine"})["bucket"] == "mine"


def test_inputs_get_region_and_default_tags(offline: AwsProvider) -> None:
    """The region and tags of the provider are added to every resource, whose own tags have precedence."""
    inputs = offline.check(target(VPC), {}, {"cidrBlock": "10.0.0.0/16", "tags": {"Name": "net"}})

    assert inputs["region"] == "eu-west-1"
    assert inputs["tagsAll"] == {"Team": "platform", "Name": "net"}
    assert "region" not in offline.check(target(ROLE), {}, {"assumeRolePolicy": "{}"})


def test_a_preview_returns_inputs_and_unknown_outputs(offline: AwsProvider) -> None:
    """Nothing is created, and no id is generated."""
    inputs = offline.check(target(VPC), {}, {"cidrBlock": "10.0.0.0/16"})

    id_, outputs = offline.create(target(VPC), inputs, preview=True)

    assert id_ == ""
    assert outputs["cidrBlock"] == "10.0.0.0/16"
    assert "arn" not in outputs


def test_values_that_aws_adds_to_a_block_are_unknown_in_a_preview(offline: AwsProvider) -> None:
    """They are not absent, because references to them would be planned with a wrong value."""
    config = {"subnetIds": ["subnet-1", "subnet-2"], "endpointPrivateAccess": True}
    inputs = {"name": "main", "roleArn": UNKNOWN, "vpcConfig": config}
    _, outputs = offline.create(target("aws:eks/cluster:Cluster"), inputs, preview=True)

    assert outputs["vpcConfig"] == {**config, "clusterSecurityGroupId": UNKNOWN, "vpcId": UNKNOWN}


@pytest.mark.parametrize(
    ("type_", "old", "new", "replaces"),
    [
        (VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, ["cidrBlock"]),
        (VPC, {"enableDnsSupport": True}, {"enableDnsSupport": False}, []),
        ("aws:ec2/subnet:Subnet", {"availabilityZone": "a"}, {"availabilityZone": "b"}, ["availabilityZone"]),
        ("aws:rds/instance:Instance", {"username": "a"}, {"username": "b"}, ["username"]),
        ("aws:rds/instance:Instance", {"instanceClass": "a"}, {"instanceClass": "b"}, []),
        ("aws:eks/cluster:Cluster", {"name": "a"}, {"name": "b"}, ["name"]),
        ("aws:eks/cluster:Cluster", {"version": "1.34"}, {"version": "1.35"}, []),
        (
            "aws:eks/cluster:Cluster",
            {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.1.0.0/16"}},
            {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.2.0.0/16"}},
            ["kubernetesNetworkConfig"],
        ),
        ("aws:ec2/vpc:Vpc", {"region": "eu-west-1"}, {"region": "eu-west-2"}, ["region"]),
        ("aws:ec2/subnet:Subnet", {"vpcId": "vpc-1"}, {"vpcId": UNKNOWN}, ["vpcId"]),
    ],
)
def test_replaces_only_for_properties_that_aws_cannot_change(
    offline: AwsProvider, type_: str, old: dict[str, Any], new: dict[str, Any], replaces: list[str]
) -> None:
    """All other properties are updated in place."""
    change = offline.diff(target(type_), "id", old, {}, new)

    assert change.changed == list(new)
    assert change.replaces == replaces


def test_deletes_before_a_replacement_with_the_same_name(offline: AwsProvider) -> None:
    """Two roles with the same name cannot exist; with different names they can. A replacement gets another autoname."""
    same_name = offline.diff(target(ROLE), "id", {"name": "a", "path": "/"}, {}, {"name": "a", "path": "/x/"})
    other_name = offline.diff(target(ROLE), "id", {"name": "a"}, {}, {"name": "b"})

    name = offline.check(target(ROLE), {}, {"path": "/"})["name"]
    autonamed = offline.diff(target(ROLE), "id", {"name": name, "path": "/"}, {}, {"name": name, "path": "/x/"})

    assert same_name.delete_before_replace
    assert not other_name.delete_before_replace
    assert not autonamed.delete_before_replace


def test_a_policy_with_another_layout_is_no_change(offline: AwsProvider) -> None:
    """JSON documents are compared by content."""
    old, new = {"assumeRolePolicy": '{"a": 1, "b": [2]}'}, {"assumeRolePolicy": '{"b":[2],"a":1}'}

    assert offline.diff(target(ROLE), "id", old, {}, new).changed == []


def test_rejects_a_type_without_a_stand_in(offline: AwsProvider) -> None:
    """The message has the type and the place to add it."""
    with pytest.raises(ProviderError, match=r"aws:glue/job:Job main: .*no stand-in.*localcloud/aws/services"):
        offline.check(target("aws:glue/job:Job"), {}, {})


def test_rejects_a_deployment_without_a_cloud(offline: AwsProvider) -> None:
    """Without an endpoint only previews are possible."""
    with pytest.raises(ProviderError, match="this preview runs without a cloud"):
        offline.create(target(VPC), {"cidrBlock": "10.0.0.0/16"}, preview=False)


def test_functions_are_answered_without_a_cloud(offline: AwsProvider) -> None:
    """Zones, identity, partition and token are taken from tables."""
    zones = offline.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"state": "available"})
    identity = offline.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    token = offline.invoke("aws:ecr/getAuthorizationToken:getAuthorizationToken", {})

    assert zones["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert identity["accountId"] == "123456789012"
    assert token["userName"] == "AWS"
    assert offline.invoke("aws:index/getRegion:getRegion", {})["region"] == "eu-west-1"
    assert offline.invoke("aws:index/getPartition:getPartition", {})["dnsSuffix"] == "amazonaws.com"
    principal = offline.invoke("aws:index/getServicePrincipal:getServicePrincipal", {"serviceName": "eks"})
    assert principal["name"] == "eks.amazonaws.com"


def test_a_preview_without_a_cloud_assumes_that_secrets_exist(offline: AwsProvider) -> None:
    """There is no account to read them from."""
    found = offline.invoke(
        "aws:secretsmanager/getSecrets:getSecrets", {"filters": [{"name": "name", "values": ["b/mail", "a"]}]}
    )

    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"
    assert (found["names"], found["arns"]) == (["a", "b/mail"], [f"{arn}a-000000", f"{arn}b/mail-000000"])


def test_generates_policy_documents(offline: AwsProvider) -> None:
    """A single value is not a list, several values are."""
    answer = offline.invoke(
        "aws:iam/getPolicyDocument:getPolicyDocument",
        {
            "statements": [
                {
                    "sid": "Read",
                    "actions": ["s3:ListBucket", "s3:GetObject"],
                    "resources": ["*"],
                    "principals": [{"type": "Service", "identifiers": ["eks.amazonaws.com"]}],
                    "conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}],
                }
            ]
        },
    )

    assert json.loads(answer["json"])["Statement"] == [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": "*",
            "Principal": {"Service": "eks.amazonaws.com"},
            "Condition": {"Bool": {"aws:SecureTransport": "true"}},
        }
    ]


def test_rejects_a_function_without_a_stand_in(offline: AwsProvider) -> None:
    """The message has the function."""
    with pytest.raises(ProviderError, match="getAmi has no stand-in"):
        offline.invoke("aws:ec2/getAmi:getAmi", {})


def test_a_preview_imports_neither_moto_nor_boto3() -> None:
    """Their import takes seconds, and a preview does not need them."""
    script = (
        "import sys; from localcloud.aws.provider import AwsProvider; AwsProvider('1', 'eu-west-1', None); "
        "print([name for name in ('moto', 'boto3', 'botocore') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
