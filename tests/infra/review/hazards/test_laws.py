"""Laws of hazards over whole plans, made of states that were deployed."""

import gzip
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.automation.events import EngineEvent

from infra.review import plan_from_events
from tests.infra.review.built import UNKNOWN, step
from tests.infra.review.hazards.cases import CASES
from tests.infra.review.hazards.cases.made import POLICY

RECORDED = Path(__file__).parents[2] / "recorded"
KEPT = step("same", "aws:ec2/vpc:Vpc", "network-vpc", old={}, new={})
STATES = sorted(path.name for path in RECORDED.glob("*.json.gz"))


@cache
def deployed(name: str) -> tuple[dict[str, Any], ...]:
    """Return the resources of a state, as `pulumi stack export` has them."""
    found = json.loads(gzip.decompress((RECORDED / name).read_bytes()))
    return tuple(each for each in found if each["type"] != "pulumi:pulumi:Stack")


def event(resource: dict[str, Any], op: str = "same", **new: Any) -> EngineEvent:
    """Return a step that keeps a resource, or gives it other inputs."""
    keys = ("urn", "type", "id", "parent", "custom", "protect", "inputs", "outputs")
    state = {key: resource[key] for key in keys if key in resource}
    metadata = {
        "op": op,
        "urn": resource["urn"],
        "type": resource["type"],
        "provider": "",
        "old": state,
        "new": {**state, "inputs": {**state.get("inputs", {}), **new}},
        "diffs": list(new) or None,
    }
    content = {"resourcePreEvent": {"metadata": metadata, "planning": True}}
    return EngineEvent.from_json({"sequence": 0, "timestamp": 0, **content})


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("op", ["same", "update"])
def test_a_plan_that_changes_nothing_has_no_hazards(name: str, op: str) -> None:
    """Also if the engine updates each resource to the same values."""
    plan = plan_from_events([event(each, op) for each in deployed(name)])

    assert len(deployed(name)) > 100
    assert plan.hazards == ()


@settings(max_examples=10)
@given(st.sampled_from(STATES), st.data())
def test_a_value_that_is_not_known_yet_is_no_hazard(name: str, data: st.DataObject) -> None:
    """Whichever property of the stack it is."""
    resources = [each for each in deployed(name) if each.get("inputs")]
    chosen = data.draw(st.sampled_from(range(len(resources))))
    key = data.draw(st.sampled_from(sorted(resources[chosen]["inputs"])))
    events = [
        event(each, "update", **{key: UNKNOWN}) if index == chosen else event(each)
        for index, each in enumerate(resources)
    ]

    assert plan_from_events(events).hazards == ()


@pytest.mark.parametrize("name", STATES)
def test_an_unknown_value_of_a_single_resource_is_no_hazard(name: str) -> None:
    """Each property of each type; the law above tries only some of them, in whole stacks."""
    found = {(each["type"], key): each for each in deployed(name) for key in each.get("inputs") or {}}

    hazards = {
        (type_, key): plan_from_events([KEPT, event(each, "update", **{key: UNKNOWN})]).hazards
        for (type_, key), each in found.items()
    }
    assert len(hazards) > 200
    assert {key: each for key, each in hazards.items() if each} == {}


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_resources_does_not_matter(shuffle: random.Random) -> None:
    """The engine tells them in another order each time."""
    dangerous = {case.event.resource_pre_event.metadata.urn: case.event for case in CASES.values() if case.expected}
    events = [*map(event, deployed(STATES[0])), *dangerous.values()]
    expected = plan_from_events(events).hazards
    shuffle.shuffle(events)

    assert len(expected) > 15
    assert plan_from_events(events).hazards == expected


@settings(max_examples=20)
@given(st.sampled_from(STATES), st.data())
def test_an_inline_policy_may_be_split_into_two_of_the_same_role(name: str, data: st.DataObject) -> None:
    """In whatever way, and back; one that another role gets, or that allows more than before, is a hazard."""
    policy = data.draw(st.sampled_from([each for each in deployed(name) if each["type"] == POLICY]))
    statements = json.loads(policy["inputs"]["policy"])["Statement"]
    places = data.draw(st.lists(st.sampled_from((1, 2, 3)), min_size=len(statements), max_size=len(statements)))
    whole, first, second = (
        json.dumps({"Statement": [each for each, place in zip(statements, places, strict=True) if place & part]})
        for part in (3, 1, 2)
    )
    more = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:GetFederationToken", "Resource": "*"}]})

    def kinds(one: tuple[str | None, str | None], other: tuple[str | None, str | None], role: str) -> list[str]:
        given = {"role": policy["inputs"]["role"]}, {"role": role}
        steps = [
            step("update" if all(pair) else "create" if pair[1] else "delete", POLICY, name, **_sides(pair, inputs))
            for name, pair, inputs in zip(("one", "other"), (one, other), given, strict=True)
        ]
        return [str(each.kind) for each in plan_from_events([KEPT, *steps]).hazards]

    role = policy["inputs"]["role"]
    assert kinds((whole, first), (None, second), role) == []
    assert kinds((first, None), (second, whole), role) == []
    assert kinds((whole, None), (None, whole), role) == []
    assert kinds((whole, None), (None, whole), "another") == ["iam-widening"]
    assert kinds((whole, first), (second, more), role) == ["iam-widening"]


def _sides(pair: tuple[str | None, str | None], inputs: dict[str, Any]) -> dict[str, Any]:
    return {side: {**inputs, "policy": policy} for side, policy in zip(("old", "new"), pair, strict=True) if policy}
