"""What a leak report says."""

import pytest

from infra.engine.leaks import LeakReport
from infra.errors import OperationError


def test_an_empty_account_is_clean() -> None:
    """In the words that a rehearsal prints."""
    report = LeakReport(left=[], kept=[])

    report.require_clean()
    assert report.summary() == "0 left in the AWS account and the API server"


def test_what_was_kept_on_purpose_is_no_leak() -> None:
    """It is named all the same."""
    report = LeakReport(left=[], kept=["rds DBSnapshot final"])

    report.require_clean()
    assert report.summary().endswith("kept on purpose: rds DBSnapshot final")


def test_a_leak_fails_by_name() -> None:
    """With everything that stayed."""
    report = LeakReport(left=["ec2 Vpc vpc-1", "Secret ns/api"], kept=[])

    with pytest.raises(OperationError, match=r"2 resource.*vpc-1, Secret ns/api"):
        report.require_clean()
    assert "LEFT BEHIND: ec2 Vpc vpc-1" in report.summary()
