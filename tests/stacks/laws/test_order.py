"""The law of the order, with resources that no stack has."""

import pulumi
import pytest
from pulumi_aws import iam

from infra.program import APP
from stacks.build import build
from tests.stacks.laws.graph.order import order_is_kept
from tests.support.recorder import record
from tests.support.worlds import World, world_of


@pytest.mark.parametrize("role", ["app-secrets-reader", "service-shop-reader"])
def test_a_policy_concerns_the_service_of_its_role_only(role: str) -> None:
    """A policy of a new component, which the pods do not wait for, is a finding about the pods with its role."""
    known = world_of("local-services")

    def program() -> object:
        outputs = build(known.settings, known.name, APP)
        iam.RolePolicy("of-this-test-reader", role=pulumi.Output.from_input(role), policy="{}")
        return outputs

    found = list(order_is_kept(World(known.name, known.settings, record(program, known.name))))

    workload = "workload-" if role == "app-secrets-reader" else "shop-workload-"
    assert f"{workload}deployment does not wait for of-this-test-reader: the service fails without them" in found
    assert all(line.startswith(workload) for line in found)
