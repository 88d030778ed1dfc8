"""A load balancer must reach its pods, and its clients must reach it.

All breaks are in tests/infra/reach/breaks.py.
"""

from infra.policy.rules.load_balancer_reaches_pods import RULE
from tests.infra.policy.judge import stack_violations
from tests.infra.reach.breaks import broken_stack
from tests.support.planned import planned_stack


def test_accepts_the_stacks() -> None:
    """As the pack sees them in a preview."""
    for stack in ("prod", "staging", "dev", "local"):
        assert stack_violations(RULE, planned_stack(stack)) == []


def test_rejects_a_break() -> None:
    """By resource, finding and remedy."""
    found = stack_violations(RULE, broken_stack("no policy lets clients in"))

    assert any(
        "load-balancer cannot reach pods/server on TCP 8080" in message and "Remedy: " in message for message in found
    ), found
