"""Rules of Secrets Manager: values at the limits, and beyond them."""

import pytest

from tests.localcloud.aws.judge.rules.verdict import verdict


@pytest.mark.parametrize(
    ("days", "code"), [(6, "InvalidParameterException"), (7, ""), (30, ""), (31, "InvalidParameterException")]
)
def test_validates_the_recovery_window(days: int, code: str) -> None:
    """It is 7 to 30 days."""
    assert verdict("secretsmanager", "DeleteSecret", {"RecoveryWindowInDays": days}) == code
