"""The leak report of a rehearsal."""

import pytest

from infra.engine.leaks import LeakReport
from infra.errors import OperationError


def test_an_empty_account_is_clean() -> None:
    """The summary is the text that a rehearsal prints."""
    report = LeakReport(left=[], kept=[])

    report.require_clean()
    assert report.summary() == "0 left in the AWS account and the API server"


def test_a_resource_kept_on_purpose_is_no_leak() -> None:
    """The summary lists it nevertheless."""
    report = LeakReport(left=[], kept=["rds DBSnapshot final"])

    report.require_clean()
    assert report.summary().endswith("kept on purpose: rds DBSnapshot final")


def test_fails_with_the_names_of_leaks() -> None:
    """The message lists everything that is left."""
    report = LeakReport(left=["ec2 Vpc vpc-1", "Secret ns/api"], kept=[])

    with pytest.raises(OperationError, match=r"2 resource.*vpc-1, Secret ns/api"):
        report.require_clean()
    assert "LEFT BEHIND: ec2 Vpc vpc-1" in report.summary()
