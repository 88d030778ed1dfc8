"""An `up` may be skipped only if the engine would write the same state again."""

import copy
from typing import Any

import pytest

from infra.engine.settled import is_settled

URN = "urn:pulumi:local::drydock::aws:s3/bucket:Bucket::b"
OTHER = "urn:pulumi:local::drydock::aws:s3/bucket:Bucket::other"
PLAN: dict[str, Any] = {
    "resourcePlans": {
        URN: {
            "steps": ["same"],
            "goal": {
                "type": "aws:s3/bucket:Bucket",
                "name": "b",
                "custom": True,
                "inputDiff": {},
                "outputDiff": {},
                "protect": False,
                "parent": "urn:parent",
                "provider": "urn:provider::id",
                "dependencies": ["urn:a", "urn:b"],
                "propertyDependencies": {"bucket": [], "tags": ["urn:a"]},
                "structuredAliases": [{"Name": "old"}],
                "customTimeouts": {},
            },
        }
    }
}
STATE: dict[str, Any] = {
    "resources": [
        {
            "urn": URN,
            "type": "aws:s3/bucket:Bucket",
            "parent": "urn:parent",
            "provider": "urn:provider::id",
            "dependencies": ["urn:b", "urn:a"],
            "propertyDependencies": {"bucket": None, "tags": ["urn:a"]},
            "outputs": {"arn": "x"},
        }
    ]
}
GOALS: list[tuple[str, Any]] = [
    ("protect", True),
    ("parent", "urn:other"),
    ("provider", "urn:provider::other"),
    ("dependencies", ["urn:a"]),
    ("propertyDependencies", {"tags": ["urn:b"]}),
    ("ignoreChanges", ["tags"]),
    ("additionalSecretOutputs", ["arn"]),
    ("customTimeouts", {"create": 180}),
    ("inputDiff", {"adds": {"bucket": "x"}}),
    ("outputDiff", {"deletes": ["url"]}),
]


def test_a_plan_equal_to_the_state_is_settled() -> None:
    """Order of lists, omitted defaults and aliases make no difference."""
    assert is_settled(PLAN, STATE)


@pytest.mark.parametrize(("name", "value"), GOALS, ids=[name for name, _ in GOALS])
def test_a_plan_with_another_goal_is_not_settled(name: str, value: Any) -> None:
    """The engine would record the changed property or option."""
    plan = copy.deepcopy(PLAN)
    plan["resourcePlans"][URN]["goal"][name] = value

    assert not is_settled(plan, STATE)


@pytest.mark.parametrize("name", ["protect", "ignoreChanges", "additionalSecretOutputs", "customTimeouts"])
def test_a_plan_without_an_option_of_the_state_is_not_settled(name: str) -> None:
    """The engine would record that the option was removed."""
    state = copy.deepcopy(STATE)
    state["resources"][0][name] = dict(GOALS)[name]

    assert not is_settled(PLAN, state)


@pytest.mark.parametrize("steps", [["update"], ["create"], ["create-replacement", "replace", "delete-replaced"]])
def test_a_plan_with_another_step_than_same_is_not_settled(steps: list[str]) -> None:
    """One of several resources is enough."""
    plan = copy.deepcopy(PLAN)
    plan["resourcePlans"][OTHER] = {**PLAN["resourcePlans"][URN], "steps": steps}
    state = {"resources": [*STATE["resources"], {**STATE["resources"][0], "urn": OTHER}]}

    assert not is_settled(plan, state)


def test_a_plan_with_other_resources_than_the_state_is_not_settled() -> None:
    """A resource is missing in the state, in the plan, or in both."""
    other = {**STATE["resources"][0], "urn": OTHER}

    assert not is_settled(PLAN, {"resources": []})
    assert not is_settled(PLAN, {"resources": [*STATE["resources"], other]})
    assert not is_settled(PLAN, {"resources": [other]})
    assert not is_settled(PLAN, {})


def test_an_unfinished_state_is_not_settled() -> None:
    """It has a pending operation, or a replaced resource that is not deleted yet."""
    waiting = {**STATE["resources"][0], "delete": True}

    assert not is_settled(PLAN, {**STATE, "pending_operations": [{"type": "creating"}]})
    assert not is_settled(PLAN, {"resources": [waiting]})
