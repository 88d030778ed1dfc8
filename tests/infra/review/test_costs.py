"""The cost of a plan: from the old and new inputs of the steps of a preview."""

import json

from infra.review import plan_from_events, to_json
from infra.review.stored import from_json
from tests.infra.review.built import STACK, UNKNOWN, error, step

NAT, KEY, INSTANCE = "aws:ec2/natGateway:NatGateway", "aws:kms/key:Key", "aws:rds/instance:Instance"
DATABASE = {"engine": "postgres", "storageType": "gp3", "allocatedStorage": 100.0, "multiAz": False}


def test_a_created_and_a_deleted_resource_are_on_one_side_each() -> None:
    """The resources that stay are on both."""
    events = [
        step("same", KEY, "k", old={}, new={}),
        step("create", NAT, "nat-b", new={}),
        step("delete", KEY, "old", old={}),
    ]
    cost = plan_from_events(events).cost

    assert cost is not None
    assert (cost.before.rest, cost.after.rest, cost.rest) == (2, 38.96, 36.96)


def test_a_replacement_counts_once() -> None:
    """The engine reports it in several steps."""
    events = [
        step(
            op,
            INSTANCE,
            "db",
            old={**DATABASE, "instanceClass": "db.t4g.large"},
            new={**DATABASE, "instanceClass": new},
        )
        for op in ("create-replacement", "replace", "delete-replaced")
        for new in ["db.t4g.medium"]
    ]
    cost = plan_from_events(events).cost

    assert cost is not None
    assert (cost.before.rest, cost.after.rest) == (124.66, 69.18)


def test_an_unknown_value_is_not_priced_after() -> None:
    """The difference is not the whole truth then, and the line says so."""
    old = {**DATABASE, "instanceClass": "db.t4g.large"}
    events = [step("update", INSTANCE, "db", old=old, new={**old, "instanceClass": UNKNOWN})]
    cost = plan_from_events(events).cost

    assert cost is not None
    assert cost.not_priced_after == ("db (PostgreSQL on unknown)",)
    assert not cost.comparable


def test_a_plan_without_both_sides_has_no_cost() -> None:
    """If the preview failed, the rest is missing; if there is no state, there is nothing before."""
    created = step("create", NAT, "nat-a", new={}, parent=STACK)

    assert plan_from_events([created, error("it failed")]).cost is None
    assert plan_from_events([created], compared=False).cost is None


def test_the_cost_survives_json() -> None:
    """A worker answers with the plan as JSON."""
    plan = plan_from_events([step("create", NAT, "nat-a", new={})])

    assert plan.cost is not None
    assert from_json(json.loads(json.dumps(to_json(plan)))).cost == plan.cost
