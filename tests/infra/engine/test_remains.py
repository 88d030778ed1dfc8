"""What a destroy left in the account. Mocked: its answers.

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


def test_says_nothing_of_what_is_gone() -> None:
    """Of each kind that can outlive a destroy."""
    before = [{"type": type_, "id": "gone", "outputs": {"identifier": "gone"}} for type_ in OUTLIVING]

    assert remains(before, lambda *_, **__: {}) == []


def _refuse(service: str, operation: str, **_: Any) -> dict[str, Any]:
    raise UnreadableError(f"{service}:{operation}", "denied")


@pytest.mark.parametrize("type_", OUTLIVING)
def test_says_what_it_could_not_find_out(type_: str) -> None:
    """A report that cannot see is not a clean one. The destroy itself is done, so nothing fails."""
    (found,) = remains([{"type": type_, "id": "k", "outputs": {}}], _refuse)

    assert found.what == f"{type_.rpartition(':')[2]} k"
    assert found.why.startswith("unknown")
    assert found.why.endswith("denied")


@pytest.mark.parametrize("type_", OUTLIVING)
def test_leaves_out_what_the_stack_only_reads(type_: str) -> None:
    """Keys of other stacks are not reported."""
    assert remains([{"type": type_, "id": "k", "external": True, "outputs": {}}], _refuse) == []


def test_tells_the_day_on_which_a_key_is_deleted() -> None:
    """As KMS tells it."""
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
    """CloudWatch Logs is asked by a prefix, which other groups may have too."""
    before = [{"type": "aws:cloudwatch/logGroup:LogGroup", "id": "/aws/eks/a/cluster", "outputs": {}}]

    found = remains(before, lambda *_, **__: {"logGroups": [{"logGroupName": name}]})
    assert bool(found) == reported
