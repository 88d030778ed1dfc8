"""Nothing but an internet-facing load balancer may be reached from the internet.

All breaks are in tests/infra/reach/breaks.py.
"""

from infra.policy.rules.internet_reaches_load_balancers_only import RULE
from tests.infra.policy.judge import stack_violations
from tests.infra.reach.breaks import broken_stack
from tests.support.planned import planned_stack


def test_accepts_the_stacks() -> None:
    """As the pack sees them in a preview."""
    for stack in ("prod", "staging", "dev", "local"):
        assert stack_violations(RULE, planned_stack(stack)) == []


def test_rejects_a_break() -> None:
    """By resource, finding and remedy."""
    found = stack_violations(
        RULE, broken_stack("nodes have public addresses, in subnets with a way out, and SSH is open")
    )

    assert any(
        "internet reaches nodes in network-private-a on TCP 22" in message and "Remedy: " in message
        for message in found
    ), found
