"""The findings that we decide against are complete and in the docs; no scanner is needed."""

import pytest

from tests.infra.policy.scanners.decided import Decision, decided_table, decisions, relaxed
from tests.infra.policy.scanners.run import Finding
from tests.support.builders import ROOT

DECISION = Decision(
    checks=("CKV_AWS_17",),
    title="private databases",
    resources=("aws_db_instance.*", "Job api-*"),
    severity="low",
    reason="none",
)


@pytest.mark.parametrize("decision", decisions(), ids=lambda each: each.checks[0])
def test_an_entry_is_complete(decision: Decision) -> None:
    """A high severity names the check that it is from, and the reason is one phrase of a table."""
    assert decision.severity in {"low", "medium", "high"}
    assert decision.by or decision.severity != "high"
    assert decision.checks
    assert decision.resources
    assert len(decision.reason) > 10
    assert not decision.reason.endswith(".")
    assert "|" not in decision.title + decision.reason


def test_a_check_has_one_entry() -> None:
    """A second entry could contradict the first."""
    checks = [check for each in decisions() for check in each.checks]

    assert sorted(checks) == sorted(set(checks))
    assert len(checks) > 20


def test_the_docs_have_every_check() -> None:
    """The most severe first."""
    severities = [each.severity for each in decisions()]
    page = (ROOT / "docs" / "policy.md").read_text()

    assert severities == sorted(severities, key=["high", "medium", "low"].index)
    assert decided_table() in page
    assert (
        "| CKV_AWS_145 | encryption of buckets with a key of KMS | `aws_s3_bucket.edge-access-logs`, "
        "`aws_s3_bucket.network-flow-logs` | high (AWS-0132) | access logs of a load balancer support SSE-S3 only;"
    ) in decided_table()


@pytest.mark.parametrize(
    ("check", "resource", "covered"),
    [
        ("CKV_AWS_17", "aws_db_instance.database", True),
        ("CKV_AWS_17", "Job api-migrate", True),
        ("CKV_AWS_17", "aws_db_instance_x.database", False),
        ("CKV_AWS_17", "Job other", False),
        ("CKV_AWS_170", "aws_db_instance.database", False),
    ],
)
def test_covers_only_its_own(check: str, resource: str, covered: bool) -> None:
    """By check and by resource."""
    assert DECISION.covers(Finding(check=check, resource=resource, message="")) is covered


@pytest.mark.parametrize(
    ("check", "stack", "expected"),
    [
        ("CKV_AWS_157", "dev", True),  # aws-rds-multi-az
        ("CKV_AWS_157", "prod", False),
        ("CKV_AWS_15", "dev", False),  # no anchor
        ("minimum-three-replicas", "dev", True),  # kubernetes-deployment-available
        ("three-replicas", "dev", False),
        ("CKV_AWS_17", "dev", False),  # aws-rds-no-public-access is mandatory
    ],
)
def test_a_relaxed_rule_covers_its_anchors(check: str, stack: str, expected: bool) -> None:
    """Only in the stacks that relax it."""
    assert relaxed(check, stack) is expected
