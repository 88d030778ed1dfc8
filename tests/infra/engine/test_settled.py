"""When an `up` may be left out: only where the engine would write the same state again."""

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


def test_a_plan_that_the_state_already_is_leaves_it() -> None:
    """In another order of lists, and with defaults left out. Aliases are not part of a state."""
    assert is_settled(PLAN, STATE)


@pytest.mark.parametrize(("name", "value"), GOALS, ids=[name for name, _ in GOALS])
def test_whatever_the_engine_would_record_is_recorded(name: str, value: Any) -> None:
    """Whether the plan has it and the state has not, or the other way round."""
    plan = copy.deepcopy(PLAN)
    plan["resourcePlans"][URN]["goal"][name] = value

    assert not is_settled(plan, STATE)


@pytest.mark.parametrize("name", ["protect", "ignoreChanges", "additionalSecretOutputs", "customTimeouts"])
def test_an_option_that_the_program_has_dropped_is_recorded(name: str) -> None:
    """The state has it and the plan has not."""
    state = copy.deepcopy(STATE)
    state["resources"][0][name] = dict(GOALS)[name]

    assert not is_settled(PLAN, state)


@pytest.mark.parametrize("steps", [["update"], ["create"], ["create-replacement", "replace", "delete-replaced"]])
def test_another_step_than_same_is_done(steps: list[str]) -> None:
    """One of many resources is enough."""
    plan = copy.deepcopy(PLAN)
    plan["resourcePlans"][OTHER] = {**PLAN["resourcePlans"][URN], "steps": steps}
    state = {"resources": [*STATE["resources"], {**STATE["resources"][0], "urn": OTHER}]}

    assert not is_settled(plan, state)


def test_a_resource_that_only_one_has_is_made_or_deleted() -> None:
    """In the plan or in the state."""
    other = {**STATE["resources"][0], "urn": OTHER}

    assert not is_settled(PLAN, {"resources": []})
    assert not is_settled(PLAN, {"resources": [*STATE["resources"], other]})
    assert not is_settled(PLAN, {"resources": [other]})
    assert not is_settled(PLAN, {})


def test_what_an_engine_left_unfinished_is_finished() -> None:
    """An operation that was pending, and a replaced resource that waits for its deletion."""
    waiting = {**STATE["resources"][0], "delete": True}

    assert not is_settled(PLAN, {**STATE, "pending_operations": [{"type": "creating"}]})
    assert not is_settled(PLAN, {"resources": [waiting]})
