"""The type of a row in the tables of updates, and values that all rows share."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Network
from typing import Any

from tests.localcloud.aws.conftest import ACCOUNT_ID, Made, Stack

OF_CLUSTER_AND_PODS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["eks.amazonaws.com", "pods.eks.amazonaws.com", "ec2.amazonaws.com"]},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    }
)
OF_ACCOUNT_AND_LOGS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
            for principal in (
                {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
                {"Service": "logs.eu-central-1.amazonaws.com"},
            )
        ],
    }
)
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "%s.amazonaws.com"}, '
    '"Action": "sts:AssumeRole"}]}'
)
ABSENT = object()
"""Used as a value: the program does not set the property."""


SETTINGS_BUCKET = "settings"
"""Name of the bucket with settings."""


def document(action: str, principal: str = "", resource: str = "*") -> str:
    """Return an IAM policy that allows one action."""
    who = f'"Principal": {{"AWS": "{principal}"}}, ' if principal else ""
    statement = f'{{"Effect": "Allow", {who}"Action": "{action}", "Resource": "{resource}"}}'
    return f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'


@dataclass(frozen=True, kw_only=True)
class Row:
    """A resource type: its inputs at creation, and all changes that a program can request."""

    base: Mapping[str, Any]
    """Inputs at creation."""
    changes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """At least two values for a property, applied one after the other; then the first value is restored."""
    together: Sequence[Mapping[str, Any]] = ()
    """Changes of several properties at the same time, applied one after the other."""
    one_way: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """The same for properties that AWS cannot change back, such as an engine's version."""
    replaces: Mapping[str, Any] = field(default_factory=dict)
    """Another value for each property that only a replacement changes."""
    ready: Callable[[str], object] = lambda _id: None
    """Called with the resource's id after its creation, to prepare the account for changes that AWS would refuse."""
    kept: frozenset[str] = frozenset()
    """Properties that keep their value if the program no longer sets them: optional and computed in the provider."""
    untold: frozenset[str] = frozenset()
    """Changes that the API does not return: secrets, and options of a change or deletion."""


class World:
    """Resources that those of the tables refer to, created once."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        make = stack.create
        self.vpc, self.vpc2 = (
            make("aws:ec2/vpc:Vpc", name, cidrBlock=f"10.{name[-1]}.0.0/16", enableDnsHostnames=True)
            for name in ("v1", "v2")
        )
        self.subnets = [
            make(
                "aws:ec2/subnet:Subnet",
                f"s{zone}",
                vpcId=self.vpc.id,
                cidrBlock=f"10.1.{i}.0/24",
                availabilityZone=f"eu-central-1{zone}",
            )
            for i, zone in enumerate("abc")
        ]
        self.gateway = make("aws:ec2/internetGateway:InternetGateway", "gateway", vpcId=self.vpc.id)
        self.addresses = [make("aws:ec2/eip:Eip", f"address{i}", domain="vpc") for i in range(3)]
        self.nats = [
            make(
                "aws:ec2/natGateway:NatGateway",
                f"nat{i}",
                allocationId=self.addresses[i].id,
                subnetId=self.subnets[i].id,
            )
            for i in range(2)
        ]
        self.tables = [make("aws:ec2/routeTable:RouteTable", f"table{i}", vpcId=self.vpc.id) for i in range(3)]
        self.groups = [
            make("aws:ec2/securityGroup:SecurityGroup", f"group{i}", vpcId=self.vpc.id, description="d")
            for i in range(3)
        ]
        self.keys = [
            make("aws:kms/key:Key", f"key{i}", deletionWindowInDays=7, policy=OF_ACCOUNT_AND_LOGS) for i in range(3)
        ]
        self.roles = [make("aws:iam/role:Role", f"role{i}", assumeRolePolicy=OF_CLUSTER_AND_PODS) for i in range(3)]
        self.cluster = make(
            "aws:eks/cluster:Cluster",
            "cluster",
            name="cluster",
            version="1.34",
            roleArn=self.roles[0].outputs["arn"],
            vpcConfig={"subnetIds": self.subnet_ids[:2]},
            accessConfig={"authenticationMode": "API"},
        )
        self.principal = self.roles[1].outputs["arn"]
        self.entry = make(
            "aws:eks/accessEntry:AccessEntry", "entry", clusterName="cluster", principalArn=self.principal
        )
        self.bucket = make("aws:s3/bucket:Bucket", "bucket", bucket=SETTINGS_BUCKET, forceDestroy=True)
        self.bucket2 = make("aws:s3/bucket:Bucket", "bucket2", forceDestroy=True)
        self.repository = make("aws:ecr/repository:Repository", "repository")
        self.queue = make("aws:sqs/queue:Queue", "queue")
        self.queue2 = make("aws:sqs/queue:Queue", "queue2")
        self.secret = make("aws:secretsmanager/secret:Secret", "secret", recoveryWindowInDays=0)
        self.subnet_groups = [
            make("aws:rds/subnetGroup:SubnetGroup", f"subnets{i}", subnetIds=self.subnet_ids[i : i + 2])
            for i in range(2)
        ]
        self.parameters = [
            make("aws:rds/parameterGroup:ParameterGroup", f"parameters{i}", family="postgres17") for i in range(2)
        ]

    @property
    def subnet_ids(self) -> list[str]:
        """Ids of the subnets in the zones a, b and c."""
        return [subnet.id for subnet in self.subnets]

    def arns(self, made: Sequence[Made]) -> list[str]:
        """Return the ARNs of resources."""
        return [str(each.outputs["arn"]) for each in made]


def add_ipv6(world: World, subnet_ids: Sequence[str]) -> None:
    """Add IPv6 addresses to the network and to subnets without any, for which the stand-in has no property."""
    account = world.stack.provider._account({})
    associated = "Ipv6CidrBlockAssociationSet"
    found = account.call("ec2", "DescribeVpcs", VpcIds=[world.vpc.id])["Vpcs"][0].get(associated)
    if not found:
        made = account.call("ec2", "AssociateVpcCidrBlock", VpcId=world.vpc.id, AmazonProvidedIpv6CidrBlock=True)
        found = [made["Ipv6CidrBlockAssociation"]]
    free = IPv6Network(found[0]["Ipv6CidrBlock"]).subnets(new_prefix=64)
    told = account.call("ec2", "DescribeSubnets")["Subnets"]
    taken = {each["Ipv6CidrBlock"]: subnet["SubnetId"] for subnet in told for each in subnet.get(associated, ())}
    for subnet_id in set(subnet_ids) - set(taken.values()):
        block = next(str(part) for part in free if str(part) not in taken)
        account.call("ec2", "AssociateSubnetCidrBlock", SubnetId=subnet_id, Ipv6CidrBlock=block)
