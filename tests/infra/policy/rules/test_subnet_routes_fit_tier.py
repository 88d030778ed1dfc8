"""Each subnet must have the routes of its tier: public, nodes or database.

All breaks are in tests/infra/reach/breaks.py.
"""

from infra.policy.rules.subnet_routes_fit_tier import RULE
from tests.infra.policy.judge import stack_violations
from tests.infra.reach.breaks import broken_stack
from tests.support.planned import planned_stack


def test_accepts_the_stacks() -> None:
    """As the pack sees them in a preview."""
    for stack in ("prod", "staging", "dev", "local"):
        assert stack_violations(RULE, planned_stack(stack)) == []


def test_rejects_a_break() -> None:
    """By resource, finding and remedy."""
    found = stack_violations(RULE, broken_stack("a private subnet has no association"))

    assert any("has no route table of its own" in message and "Remedy: " in message for message in found), found
