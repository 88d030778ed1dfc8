"""stateful-resource-protected."""

import pytest

from infra.policy.rules.stateful_protected import RULE
from infra.policy.stateful_types import STATEFUL_TYPES
from tests.infra.policy.judge import Given, violations


@pytest.mark.parametrize("resource_type", STATEFUL_TYPES)
def test_accepts_a_protected_resource(resource_type: str) -> None:
    """Protected in the resource's options, it passes."""
    assert violations(RULE, Given(type=resource_type, properties={}, protect=True)) == []


@pytest.mark.parametrize("resource_type", STATEFUL_TYPES)
def test_rejects_an_unprotected_resource(resource_type: str) -> None:
    """The message says what would be lost."""
    [message] = violations(RULE, Given(type=resource_type, properties={}, protect=False))

    assert f"loses the {STATEFUL_TYPES[resource_type]}" in message


def test_accepts_an_unprotected_resource_without_state() -> None:
    """What can be made again may be deleted."""
    vpc = Given(type="aws:ec2/vpc:Vpc", properties={}, protect=False)

    assert violations(RULE, vpc) == []
