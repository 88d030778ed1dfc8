"""The resources before and after a deployment, out of the steps of a preview."""

from typing import Any

from pulumi.automation.events import StepEventMetadata

from infra.resources.properties import UNKNOWN as NOT_KNOWN
from infra.review.hazards.alteration import Alteration
from infra.review.hazards.resources import after, before
from tests.infra.review.built import UNKNOWN

CLUSTER = "aws:eks/cluster:Cluster"
URN = f"urn:pulumi:prod::drydock::{CLUSTER}::eks"


def altered(operation: str, type_: str = CLUSTER, **sides: dict[str, Any] | None) -> Alteration:
    """Return a step with the states `old` and `new`."""
    states = {side: state and {"type": type_, "urn": URN, **state} for side, state in sides.items()}
    metadata = {"op": "same", "urn": URN, "type": type_, **states}
    return Alteration(step=StepEventMetadata.from_json(metadata), operation=operation)


OLD = {
    "id": "eks-1",
    "inputs": {"name": "eks", "vpcConfig": {"subnetIds": ["a"]}, "role": "a"},
    "outputs": {"arn": "arn:1", "vpcConfig": {"clusterSecurityGroupId": "sg-1"}, "version": "1.35"},
}


def test_inputs_and_outputs_are_combined() -> None:
    """Of an object both are kept; the input is newer."""
    (found,) = before([altered("update", old=OLD, new=None)])

    assert (found.urn, found.name, found.type) == (URN, "eks", CLUSTER)
    assert found.properties == {
        "id": "eks-1",
        "name": "eks",
        "arn": "arn:1",
        "role": "a",
        "version": "1.35",
        "vpcConfig": {"subnetIds": ["a"], "clusterSecurityGroupId": "sg-1"},
    }


def test_an_input_of_another_form_is_kept() -> None:
    """It may have been normalised by the provider."""
    state = {"inputs": {"a": {"b": 1}, "c": "d", "e": {}}, "outputs": {"a": "text", "c": {"d": 2}}}
    (found,) = before([altered("update", old=state, new=None)])

    assert found.properties == {"a": {"b": 1}, "c": "d", "e": {}}


def test_an_update_keeps_what_aws_assigned() -> None:
    """A new input replaces the old one, also if it is not known."""
    new = {
        "inputs": {"name": "eks", "role": UNKNOWN, "vpcConfig": {"subnetIds": UNKNOWN}},
        "outputs": {"version": "1.36"},
    }
    (found,) = after([altered("update", old=OLD, new=new)], {URN: {"role": ["urn:role"]}})

    assert found.properties == {
        "id": "eks-1",
        "name": "eks",
        "arn": "arn:1",
        "role": NOT_KNOWN,
        "version": "1.36",
        "vpcConfig": {"subnetIds": NOT_KNOWN, "clusterSecurityGroupId": "sg-1"},
    }
    assert found.dependencies == {"role": ["urn:role"]}


def test_a_replacement_gets_other_ids() -> None:
    """They are not known yet."""
    (found,) = after([altered("replace", old=OLD, new={"inputs": {"name": "eks"}})], {})

    assert found.properties == {"name": "eks"}
    assert found.dependencies == {}


def test_created_and_deleted_resources_are_on_one_side() -> None:
    """Providers are on neither."""
    steps = [
        altered("create", new={"inputs": {"name": "new"}}),
        altered("delete", old={"inputs": {"name": "old"}}),
        altered("update", "pulumi:providers:aws", old={"inputs": {}}, new={"inputs": {}}),
    ]

    assert [each.properties for each in before(steps)] == [{"name": "old"}]
    assert [each.properties for each in after(steps, {})] == [{"name": "new"}]
