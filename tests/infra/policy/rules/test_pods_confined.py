"""Every pod must be confined by NetworkPolicies that the cluster enforces.

All breaks are in tests/infra/reach/breaks.py.
"""

from infra.policy.rules.pods_confined import RULE
from tests.infra.policy.judge import stack_violations
from tests.infra.reach.breaks import broken_stack
from tests.support.planned import planned_stack


def test_accepts_the_stacks() -> None:
    """As the pack sees them in a preview."""
    for stack in ("prod", "staging", "dev", "local"):
        assert stack_violations(RULE, planned_stack(stack)) == []


def test_rejects_a_break() -> None:
    """By resource, finding and remedy."""
    found = stack_violations(RULE, broken_stack("policies are not switched on"))

    assert any("NetworkPolicies are not enforced" in message and "Remedy: " in message for message in found), found
