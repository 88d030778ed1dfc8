"""The whole program of every committed stack: its resources and outputs."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.program import APP
from stacks.build import build
from stacks.names import Names
from stacks.settings import SettingsError, parse_assumed_roles, parse_settings, read_stack_file, stack_names
from tests.support.builders import ROOT
from tests.support.recorder import Recording, record
from tests.support.stacks import without_services

Whole = Callable[[str], Recording]

STACKS = stack_names(ROOT)
URNS = Path(__file__).parent / "urns"
every_stack = pytest.mark.parametrize("stack", STACKS)


@every_stack
def test_urns_equal_the_committed_list(whole: Whole, stack: str) -> None:
    """An added, removed or renamed resource is visible in review. If this fails, run `make docs`."""
    assert sorted(whole(stack).resources) == (URNS / f"{stack}.txt").read_text().splitlines()


@every_stack
def test_no_input_contains_the_text_of_an_output_object(whole: Whole, stack: str) -> None:
    """An Output in an f-string yields a warning text instead of its value, without an error."""
    for resource in whole(stack).resources.values():
        assert not re.search(r"Calling __str__ on an Output|<pulumi\.output", json.dumps(resource.inputs)), resource.urn


@every_stack
def test_has_the_documented_outputs(whole: Whole, stack: str) -> None:
    """Each output is known and not empty. `service_urls` has the services of `drydock:services`, if there are any."""
    outputs = whole(stack).result
    services = read_stack_file(ROOT / f"Pulumi.{stack}.yaml").services

    assert set(outputs.get("service_urls", {})) == set(services)
    assert set(outputs) - ({"service_urls"} if services else set()) == {
        "cluster_name",
        "database_endpoint",
        "database_secret_arn",
        "database_url",
        "flow_logs_bucket",
        "image",
        "namespace",
        "region",
        "repository_url",
        "url",
        "vpc_id",
    }
    assert all(outputs.values())
    assert re.fullmatch(r"\S+@sha256:[0-9a-f]{64}", outputs["image"])


def test_kubernetes_provider_is_replaced_with_its_cluster_only(whole: Whole) -> None:
    """Its identifier is the cluster's name, not a certificate or an endpoint."""
    provider = whole("prod").only("pulumi:providers:kubernetes")

    assert provider.inputs["clusterIdentifier"] == "drydock-prod"
    assert provider.inputs["enableServerSideApply"] == "true"


def test_stacks_have_the_same_resource_types() -> None:
    """`local` lacks only NAT gateways and the name of a final snapshot, and has the token for drills in addition.

    Services of `drydock:services` have further ones.
    """
    types = {stack: {r.type for r in without_services(stack).resources.values()} for stack in STACKS}

    assert types["prod"] - types["local"] == {
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/eip:Eip",
        "random:index/randomId:RandomId",
    }, "if a setting of one stack file creates another type, give both stacks the setting, or list the type"
    assert types["local"] - types["prod"] == {  # the token for drills
        "random:index/randomPassword:RandomPassword",
        "aws:secretsmanager/secret:Secret",
        "aws:secretsmanager/secretVersion:SecretVersion",
    }


def test_a_region_is_enough_for_a_new_environment(tmp_path: Path) -> None:
    """All other settings have safe defaults."""
    settings = parse_settings({"region": "us-east-1"}, "Pulumi.sandbox.yaml")

    recording = record(lambda: build(settings, "sandbox", APP), "sandbox")

    assert recording.result["cluster_name"] == "drydock-sandbox"
    assert recording.only("aws:rds/instance:Instance").protect
    assert len(recording.all("aws:ec2/natGateway:NatGateway")) == 3


def test_providers_use_the_assumed_roles_of_the_stack() -> None:
    """The AWS provider gets all roles with Pulumi's names of their options; the kubeconfig has the last role."""
    hub, deploy = (f"arn:aws:iam::123456789012:role/{name}" for name in ("hub", "drydock-deploy"))
    roles = parse_assumed_roles(
        {"aws:assumeRoles": [{"roleArn": hub}, {"roleArn": deploy, "externalId": "x-1"}]}, "test", ["drydock-deploy"]
    )
    settings = parse_settings({"region": "us-east-1"}, "test")

    recording = record(lambda: build(settings, "sandbox", APP, roles), "sandbox")

    given = recording.only("pulumi:providers:aws").inputs["assumeRoles"]
    assert json.loads(given) == [{"roleArn": hub}, {"roleArn": deploy, "externalId": "x-1"}]
    assert f'"--role-arn", "{deploy}"' in recording.only("pulumi:providers:kubernetes").inputs["kubeconfig"]
    plain = record(lambda: build(settings, "sandbox", APP), "sandbox").only("pulumi:providers:aws").inputs
    assert "assumeRoles" not in plain


@pytest.mark.parametrize("name", ["Prod", "1st", "a_b", "a--b", "a-", "", "x" * 31])
def test_rejects_names_that_aws_would_not_accept(name: str) -> None:
    """The name is rejected before any resource is registered."""
    with pytest.raises(SettingsError, match="not a valid name of an environment; use"):
        Names(name)
