"""Pods must reach what they need, and so must nodes.

All breaks are in tests/infra/reach/breaks.py.
"""

from infra.policy.rules.pods_reach_dependencies import RULE
from tests.infra.policy.judge import stack_violations
from tests.infra.reach.breaks import broken_stack
from tests.support.planned import planned_stack


def test_accepts_the_stacks() -> None:
    """As the pack sees them in a preview."""
    for stack in ("prod", "staging", "dev", "local"):
        assert stack_violations(RULE, planned_stack(stack)) == []


def test_rejects_a_break() -> None:
    """By resource, finding and remedy."""
    found = stack_violations(RULE, broken_stack("the database's rule is missing"))

    assert any("cannot reach database on TCP 5432" in message and "Remedy: " in message for message in found), found
