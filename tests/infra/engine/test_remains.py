"""The report of resources that a destroy left in the account. Mocked: the account's answers.

tests/infra/deploy_role/test_life.py reports what a production stack leaves in a local account.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from infra.engine.remains import remains
from infra.preflight.finding import UnreadableError

OUTLIVING = (
    "aws:rds/instance:Instance",
    "aws:kms/key:Key",
    "aws:secretsmanager/secret:Secret",
    "aws:s3/bucket:Bucket",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:ecr/repository:Repository",
)


def test_does_not_report_deleted_resources() -> None:
    """Every kind of resource that can outlive a destroy was deleted here."""
    before = [{"type": type_, "id": "gone", "outputs": {"identifier": "gone"}} for type_ in OUTLIVING]

    assert remains(before, lambda *_, **__: {}) == []


def _refuse(service: str, operation: str, **_: Any) -> dict[str, Any]:
    raise UnreadableError(f"{service}:{operation}", "denied")


@pytest.mark.parametrize("type_", OUTLIVING)
def test_reports_resources_that_could_not_be_read_as_unknown(type_: str) -> None:
    """The line has the error of AWS. The destroy itself succeeded, so the report does not fail."""
    (found,) = remains([{"type": type_, "id": "k", "outputs": {}}], _refuse)

    assert found.what == f"{type_.rpartition(':')[2]} k"
    assert found.why.startswith("unknown")
    assert found.why.endswith("denied")


@pytest.mark.parametrize("type_", OUTLIVING)
def test_leaves_out_external_resources(type_: str) -> None:
    """The stack only reads them, such as keys of other stacks."""
    assert remains([{"type": type_, "id": "k", "external": True, "outputs": {}}], _refuse) == []


def test_reports_the_date_on_which_a_key_is_deleted() -> None:
    """It is the deletion date of KMS."""
    metadata = {"KeyId": "k", "KeyState": "PendingDeletion", "DeletionDate": datetime(2026, 12, 28, tzinfo=UTC)}
    resource = {"type": "aws:kms/key:Key", "id": "k", "outputs": {}}
    (found,) = remains([resource], lambda *_, **__: {"KeyMetadata": metadata})

    assert "on 2026-12-28" in found.why


@pytest.mark.parametrize(("deleted", "backups"), [(True, 0), (False, 1), (None, 0)])
def test_reports_automated_backups_that_the_destroy_kept(deleted: bool | None, backups: int) -> None:
    """`deleteAutomatedBackups` decides; without the property RDS deletes them with the instance."""
    outputs = {"identifier": "drydock-dev", "deleteAutomatedBackups": deleted, "backupRetentionPeriod": 7}
    found = remains([{"type": "aws:rds/instance:Instance", "id": "db-1", "outputs": outputs}], lambda *_, **__: {})

    assert [one.what for one in found] == ["RDS automated backups of drydock-dev"] * backups
    assert all("within 7 days" in one.why for one in found)


@pytest.mark.parametrize(("name", "reported"), [("/aws/eks/a/cluster", True), ("/aws/eks/a/cluster-2", False)])
def test_reports_a_log_group_by_its_whole_name(name: str, reported: bool) -> None:
    """CloudWatch Logs finds groups by a prefix, which other groups may share."""
    before = [{"type": "aws:cloudwatch/logGroup:LogGroup", "id": "/aws/eks/a/cluster", "outputs": {}}]

    found = remains(before, lambda *_, **__: {"logGroups": [{"logGroupName": name}]})
    assert bool(found) == reported
