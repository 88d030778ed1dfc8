"""aws-eks-supported-version."""

from datetime import date

import pytest

from infra.policy.rules.eks_supported_version import supported


@pytest.mark.parametrize(
    ("version", "today", "expected"),
    [
        ("1.35", date(2027, 3, 27), True),
        ("1.35", date(2027, 3, 28), False),
        ("1.34", date(2026, 11, 28), True),
        ("1.36", date(2026, 11, 28), True),
        ("1.37", date(2027, 11, 28), True),
        ("1.32", date(2026, 11, 28), False),
        ("1.9", date(2026, 11, 28), False),
        ("2.0", date(2026, 11, 28), True),
        ("1.x", date(2026, 11, 28), False),
        ("1.036", date(2026, 11, 28), False),
    ],
)
def test_accepts_a_version_until_the_end_of_its_standard_support(version: str, today: date, expected: bool) -> None:
    """Versions that are newer than all known ones are accepted, and older ones are not."""
    assert supported(version, today) is expected


def test_rejects_a_known_version_that_ended() -> None:
    """1.33 is in the table, and its standard support ended in July 2026."""
    assert not supported("1.33", date(2026, 7, 30))
    assert supported("1.33", date(2026, 7, 29))
