"""Every committed stack, whole: what is in it, and the laws that hold in all of them."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.program import APP
from stacks.build import build
from stacks.names import Names
from stacks.settings import SettingsError, parse_assumed_roles, parse_settings, stack_names
from tests.support.builders import ROOT
from tests.support.recorder import Recording, record

Whole = Callable[[str], Recording]

STACKS = stack_names(ROOT)
URNS = Path(__file__).parent / "urns"
every_stack = pytest.mark.parametrize("stack", STACKS)


@every_stack
def test_urns_are_the_reviewed_ones(whole: Whole, stack: str) -> None:
    """A resource that is added, removed or renamed shows in review. When this fails: make docs."""
    assert sorted(whole(stack).resources) == (URNS / f"{stack}.txt").read_text().splitlines()


@every_stack
def test_no_output_is_in_a_text(whole: Whole, stack: str) -> None:
    """An Output in an f-string gives a text about Outputs instead of its value, and nothing complains."""
    for resource in whole(stack).resources.values():
        assert not re.search(r"Calling __str__ on an Output|<pulumi\.output", json.dumps(resource.inputs)), resource.urn


@every_stack
def test_outputs_are_what_people_need(whole: Whole, stack: str) -> None:
    """Each is known and none is empty."""
    outputs = whole(stack).result

    assert set(outputs) == {
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
    """Its identity is the cluster's name, not a certificate or an endpoint."""
    provider = whole("prod").only("pulumi:providers:kubernetes")

    assert provider.inputs["clusterIdentifier"] == "drydock-prod"
    assert provider.inputs["enableServerSideApply"] == "true"


def test_stacks_have_the_same_types(whole: Whole) -> None:
    """`local` has everything that `prod` has, but for NAT gateways and the name of a final snapshot."""
    types = {stack: {r.type for r in whole(stack).resources.values()} for stack in STACKS}

    assert types["prod"] - types["local"] == {
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/eip:Eip",
        "random:index/randomId:RandomId",
    }
    assert types["local"] - types["prod"] == {  # the token for drills
        "random:index/randomPassword:RandomPassword",
        "aws:secretsmanager/secret:Secret",
        "aws:secretsmanager/secretVersion:SecretVersion",
    }


def test_new_environment_is_one_new_file(tmp_path: Path) -> None:
    """A region is enough for a whole environment of its own, with the safe defaults."""
    settings = parse_settings({"region": "us-east-1"}, "Pulumi.sandbox.yaml")

    recording = record(lambda: build(settings, "sandbox", APP), "sandbox")

    assert recording.result["cluster_name"] == "drydock-sandbox"
    assert recording.only("aws:rds/instance:Instance").protect
    assert len(recording.all("aws:ec2/natGateway:NatGateway")) == 3


def test_the_providers_of_a_stack_with_a_role_are_that_role() -> None:
    """Pulumi's own names reach the provider; the kubeconfig has the role that is taken last."""
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
def test_rejects_names_that_aws_would_not_take(name: str) -> None:
    """Before anything is made."""
    with pytest.raises(SettingsError, match="not a valid name of an environment; use"):
        Names(name)
