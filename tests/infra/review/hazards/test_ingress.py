"""What security groups admit, by all rules of a group together."""

from typing import Any

import pytest
from pulumi.automation.events import EngineEvent

from infra.review import plan_from_events
from tests.infra.review.built import step
from tests.infra.review.hazards.cases.made import GROUP, RULE, rule

INLINE = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}


def separate(op: str, name: str, group: str = "sg-1", cidr: str = "0.0.0.0/0", port: int = 443) -> EngineEvent:
    """Return the step of a rule resource."""
    inputs = {"securityGroupId": group, **rule(cidr, port)}
    return step(op, RULE, name, **{"old" if op == "delete" else "new": inputs})


def group(op: str, old: list[Any], new: list[Any], identity: str = "sg-1") -> EngineEvent:
    """Return the step of a group with inline rules."""
    return step(op, GROUP, "group", old={"ingress": old}, new={"ingress": new}, identity=identity)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([separate("delete", "a"), separate("create", "b")], []),
        ([separate("delete", "a", "sg-2"), separate("create", "b")], ["b"]),
        ([separate("delete", "a", port=80), separate("create", "b")], ["b"]),
        ([separate("delete", "a", cidr="8.8.8.0/24"), separate("create", "b")], ["b"]),
        ([separate("delete", "a"), separate("create", "b", cidr="8.8.8.0/24")], []),
        ([group("update", [INLINE], []), separate("create", "b")], []),
        ([group("same", [INLINE], [INLINE]), separate("create", "b")], []),
        ([group("update", [INLINE], [], "sg-2"), separate("create", "b")], ["b"]),
        ([separate("delete", "a"), group("update", [], [INLINE])], []),
        ([separate("create", "b"), group("update", [], [INLINE])], ["b", "group"]),
    ],
)
def test_a_rule_that_another_resource_of_the_group_had_admits_nothing_new(
    events: list[EngineEvent], expected: list[str]
) -> None:
    """It is about the group, not about the resource that states the rule."""
    found = plan_from_events(events).hazards

    assert sorted(each.urn.rpartition("::")[2] for each in found) == expected
    assert {(str(each.kind)) for each in found} <= {"network-exposure"}
