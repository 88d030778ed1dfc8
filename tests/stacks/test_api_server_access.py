"""Warnings about an API server that no existing machine reaches."""

from typing import Any

import pytest

from stacks.api_server_access import api_server_access_problem
from stacks.deployed import Deployed
from stacks.settings import parse_settings

NETWORK = {"cidr": "10.30.0.0/16", "peerCidrs": ["10.99.0.0/16"]}
NEW = Deployed()
DEPLOYED = Deployed(resources={"aws:ec2/vpc:Vpc": ({"id": "vpc-0"},)})


def problem(cluster: dict[str, Any], deployed: Deployed = NEW, environment: str = "prod") -> str:
    settings = parse_settings({"region": "eu-central-1", "network": NETWORK, "cluster": cluster}, "test")
    return api_server_access_problem(settings, environment, deployed)


@pytest.mark.parametrize("cidrs", [["10.30.0.0/16"], ["10.30.0.0/24", "10.30.1.0/24"]])
def test_the_first_deployment_cannot_come_from_its_own_vpc(cidrs: list[str]) -> None:
    """The warning has the setting that helps."""
    found = problem({"privateAccessCidrs": cidrs})

    assert found.startswith("cluster: only the VPC that this deployment creates (10.30.0.0/16) reaches the API server")
    assert "for the first `up` set cluster.publicAccessCidrs to the public address of this machine" in found


def test_a_machine_may_be_in_a_vpc_that_exists() -> None:
    assert problem({"privateAccessCidrs": ["10.30.0.0/16"]}, DEPLOYED) == ""


@pytest.mark.parametrize(
    "more",
    [
        {"privateAccessCidrs": ["10.30.0.0/16", "10.99.1.0/24"]},
        {"privateAccessSecurityGroups": ["sg-0123456789abcdef0"]},
        {"publicAccessCidrs": ["18.0.0.1/32"]},
    ],
    ids=["a peer", "a group of another VPC", "the internet"],
)
def test_accepts_another_source(more: dict[str, Any]) -> None:
    assert problem({"privateAccessCidrs": ["10.30.0.0/16"], **more}) == ""


def test_the_local_cloud_is_reached_from_its_machine() -> None:
    assert problem({"privateAccessCidrs": ["10.30.0.0/16"]}, environment="local") == ""


@pytest.mark.parametrize("deployed", [NEW, DEPLOYED], ids=["new", "deployed"])
def test_warns_if_nothing_may_reach_the_api_server(deployed: Deployed) -> None:
    assert problem({}, deployed).startswith("cluster: nothing outside of the cluster reaches its API server")
