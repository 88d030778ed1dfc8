"""The rule `network-needs-reached`. All breaks are in tests/infra/reach/breaks."""

import pytest

from infra.policy.rules.network_needs_reached import RULE
from stacks.settings import stack_names
from tests.infra.policy.judge import stack_violations
from tests.infra.reach.breaks import broken_stack
from tests.support.builders import ROOT
from tests.support.planned import planned_stack


@pytest.mark.parametrize("stack", stack_names(ROOT))
def test_accepts_a_stack(stack: str) -> None:
    """The recorded plan of each stack, as in a preview, has no violation."""
    assert stack_violations(RULE, planned_stack(stack)) == []


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("the database's rule is missing", "pods/migration cannot reach database on TCP 5432"),
        ("no policy lets clients in", "load-balancer cannot reach pods/server on TCP 8080"),
        ("a private subnet has no association", "network-private-b is for nodes and has no route table of its own"),
    ],
)
def test_rejects_a_break(broken: str, message: str) -> None:
    """The message has resource, finding and remedy. There is one example for each law of the rule."""
    found = stack_violations(RULE, broken_stack(broken))

    assert any(message in each and "Remedy: " in each for each in found), found
