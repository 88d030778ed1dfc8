"""Planned resources, from the engine's events and the plan that it saves."""

from infra.engine.plan_file import planned_dependencies, planned_resources
from infra.resources.properties import UNKNOWN
from tests.infra.review import built

SUBNET = "aws:ec2/subnet:Subnet"


def test_takes_inputs_from_events_and_dependencies_from_the_plan() -> None:
    """They are joined by URN; providers and deleted resources are left out."""
    vpc = built.urn("aws:ec2/vpc:Vpc", "main")
    events = [
        built.step("create", "pulumi:providers:aws", "aws", new={"region": "eu-central-1"}),
        built.step("create", SUBNET, "a", new={"vpcId": built.UNKNOWN, "cidrBlock": "10.0.0.0/24"}),
        built.step("delete", SUBNET, "b", old={"cidrBlock": "10.0.1.0/24"}),
        built.summary(),
    ]
    plan = {
        "resourcePlans": {built.urn(SUBNET, "a"): {"goal": {"propertyDependencies": {"vpcId": [vpc], "tags": None}}}}
    }

    [found] = planned_resources(events, planned_dependencies(plan))

    assert (found.type, found.name, found.urn) == (SUBNET, "a", built.urn(SUBNET, "a"))
    assert found.properties == {"vpcId": UNKNOWN, "cidrBlock": "10.0.0.0/24"}
    assert found.dependencies == {"vpcId": [vpc], "tags": []}
