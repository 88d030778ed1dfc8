"""Interface endpoints are charged by the hour, so a stack has exactly those that it uses."""

import re
from typing import get_args

import pytest

from infra.policy.documents import allowing, texts
from stacks.settings.network import Endpoint
from tests.support.builders import ROOT
from tests.support.recorder import Recorded
from tests.support.services import services_of
from tests.support.worlds import STACKS, World, every_stack, every_world, world_of

ENDPOINT, NAT = "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/natGateway:NatGateway"
ADDON = "aws:eks/addon:Addon"
# Endpoint -> its user: a type of resource, or the EKS add-on with that name.
# https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
USERS = {
    "ec2": "aws:eks/cluster:Cluster",  # nodes read their names and network interfaces
    "ecr.api": "aws:ecr/repository:Repository",  # nodes sign in to the registry
    "ecr.dkr": "aws:ecr/repository:Repository",  # nodes pull images
    "eks": "aws:eks/cluster:Cluster",  # nodes read the cluster that they join
    "eks-auth": "aws:eks/podIdentityAssociation:PodIdentityAssociation",  # agents get the credentials of pods
    "elasticloadbalancing": "aws:lb/targetGroup:TargetGroup",  # pods are registered as targets
    "logs": "amazon-cloudwatch-observability",  # agents send the output of pods
    "secretsmanager": "aws-secrets-store-csi-driver-provider",  # the driver mounts secrets
    "sqs": "aws:sqs/queue:Queue",  # the service and its workers
}
# No workload of a stack uses these: volumes are decrypted by EC2, pods have roles by Pod Identity, without STS, and
# nodes pull the layers of images through the gateway endpoint of S3.
UNUSED = {"kms", "s3", "sts"}
# Without a NAT gateway. The guide lists `sts` for pods that assume a role by a web identity: those of other services.
WITHOUT_NAT = {*USERS, "sts"}
# Endpoints of each stack with a NAT gateway, through which all other services are reached.
WITH_NAT = {"dev": {"sqs"}, "staging": {"sqs"}, "prod": {"ecr.api", "ecr.dkr", "sqs"}}

# Service that pods have actions of -> what connects to it in place of the pods.
NOT_CALLED = {
    "kms": "SQS and Secrets Manager, which encrypt with the keys",
    "rds-db": "the database, which checks the token that a pod signs",
    "secretsmanager": "the driver that mounts secrets, on the node",
}


def interfaces(world: World) -> set[str]:
    """The services with an interface endpoint."""
    found = [each for each in world.all(ENDPOINT) if each.inputs["vpcEndpointType"] == "Interface"]
    return {_service(each, world.settings.region) for each in found}


def _service(endpoint: Recorded, region: str) -> str:
    return str(endpoint.inputs["serviceName"]).removeprefix(f"com.amazonaws.{region}.")


def is_used(world: World, service: str) -> bool:
    """Whether the stack has what uses the endpoint."""
    user = USERS.get(service, "")
    addons = {each.inputs["addonName"] for each in world.all(ADDON)}
    return user in addons or bool(":" in user and world.all(user))


def test_the_table_has_each_endpoint() -> None:
    """Every endpoint that a stack can have is in one of the tables, and in that of the docs."""
    page = (ROOT / "docs/on-aws.md").read_text().partition("### Interface endpoints")[2].partition("\n## ")[0]
    documented = [name for row in re.findall(r"^\| (`.+?) \|", page, re.MULTILINE) for name in row.split(", ")]

    assert {*USERS, *UNUSED} == set(get_args(Endpoint)), "add a new endpoint to USERS or UNUSED of this file"
    assert not UNUSED & set(USERS)
    assert sorted(documented) == sorted(f"`{name}`" for name in get_args(Endpoint)), (
        'add a new endpoint to "Interface endpoints" in docs/on-aws.md'
    )


@every_stack
def test_a_stack_with_a_nat_gateway_has_only_endpoints_that_it_uses(world: World) -> None:
    """AWS also charges for unused endpoints."""
    if world.all(NAT):
        unused = [service for service in sorted(interfaces(world)) if not is_used(world, service)]
        assert unused == [], "remove them from interfaceEndpoints, or add what uses them to USERS of this file"


@pytest.mark.parametrize("world", sorted(WITH_NAT.keys() & set(STACKS)), indirect=True)
def test_the_endpoints_of_the_committed_stacks_are_those_of_the_table(world: World) -> None:
    """An additional endpoint has to be added here, with its user above."""
    assert world.all(NAT)
    assert interfaces(world) == WITH_NAT[world.name], "add a new endpoint to WITH_NAT of this file"


@every_world
def test_a_stack_without_a_nat_gateway_has_the_endpoints_that_it_needs(world: World) -> None:
    """Otherwise nodes could not join the cluster, pull images, get credentials and secrets, or send logs."""
    if not world.all(NAT):
        assert interfaces(world) >= WITHOUT_NAT
        assert [service for service in sorted(USERS) if not is_used(world, service)] == []


def test_there_are_stacks_with_and_without_nat_gateways() -> None:
    """Otherwise one of the laws above would check no stack."""
    assert {bool(world_of(name).all(NAT)) for name in STACKS} == {True, False}


def called(world: World) -> set[str]:
    """Return the services of which pods may use actions, without those that something else calls for them."""
    pods = {role for service in services_of(world) for role in (service.role, service.migration_role)}
    policies = [
        each for each in world.all("aws:iam/rolePolicy:RolePolicy") if world.owner(each.inputs["role"]).name in pods
    ]
    statements = [statement for policy in policies for statement in allowing(policy.inputs["policy"])]
    found = {action.partition(":")[0] for statement in statements for action in texts(statement["Action"])}
    return found - NOT_CALLED.keys()


@every_stack
def test_pods_reach_the_aws_services_that_they_may_use(world: World) -> None:
    """The network policy of pods admits AWS only at addresses of the VPC, so each service needs an endpoint."""
    missing = called(world) - interfaces(world)

    assert "sqs" in called(world)
    assert not missing, (
        f"{missing}: add to Endpoint in stacks/settings/network.py, and to interfaceEndpoints of the stack"
    )
