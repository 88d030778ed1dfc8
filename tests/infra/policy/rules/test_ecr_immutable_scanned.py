"""aws-ecr-immutable-scanned."""

from typing import Any

import pytest

from infra.policy.rules.ecr_immutable_scanned import RULE
from tests.infra.policy.compliant import REPOSITORY
from tests.infra.policy.judge import ABSENT, violations


def test_accepts_immutable_scanned_images() -> None:
    """Both properties are set."""
    assert violations(RULE, REPOSITORY) == []


@pytest.mark.parametrize(("value", "found"), [("MUTABLE", "is MUTABLE"), (ABSENT, "is not set, so MUTABLE")])
def test_rejects_mutable_tags(value: Any, found: str) -> None:
    """Without the property, MUTABLE is AWS's default."""
    [message] = violations(RULE, REPOSITORY.but("imageTagMutability", value))

    assert f"imageTagMutability {found}" in message


@pytest.mark.parametrize("value", [ABSENT, {}, {"scanOnPush": False}])
def test_rejects_images_that_are_not_scanned(value: Any) -> None:
    """Without the property, AWS does not scan images."""
    [message] = violations(RULE, REPOSITORY.but("imageScanningConfiguration", value))

    assert "scanOnPush is not true" in message
