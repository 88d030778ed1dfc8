"""Resources that a destroy on AWS left in the account, and why."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.preflight.finding import Ask, UnreadableError, listed


@dataclass(frozen=True, kw_only=True)
class Remnant:
    """A resource that still exists."""

    what: str
    """Kind and name, such as `KMS key 1234abcd`."""
    why: str
    """Why it exists, how long, and how to delete it."""

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


def remains(before: Iterable[Mapping[str, Any]], ask: Ask) -> list[Remnant]:
    """Find resources that can outlive a destroy.

    Resources that a stack only reads (`external`) are ignored, because a destroy does not delete them.

    Args:
        before: the resources of the state before the destroy, each with `type`, `id` and `outputs`.
        ask: calls the account of the stack in its region.
    """
    found: list[Remnant] = []
    for resource in before:
        look = _LOOKS.get(str(resource.get("type")))
        if look is None or resource.get("external"):
            continue
        try:
            found += look(str(resource.get("id", "")), resource.get("outputs") or {}, ask)
        except UnreadableError as error:
            kind = str(resource["type"]).rpartition(":")[2]
            found.append(Remnant(what=f"{kind} {resource.get('id')}", why=f"unknown, it cannot be read: {error}"))
    return found


def _instance(id_: str, outputs: Mapping[str, Any], ask: Ask) -> Iterator[Remnant]:
    name = str(outputs.get("identifier") or id_)
    answer = ask("rds", "DescribeDBSnapshots", DBInstanceIdentifier=name, SnapshotType="manual")
    for snapshot in listed(answer, "DBSnapshots"):
        snapshot_id = snapshot["DBSnapshotIdentifier"]
        yield Remnant(
            what=f"RDS snapshot {snapshot_id}",
            why=f"the data of {name}, kept until: aws rds delete-db-snapshot --db-snapshot-identifier {snapshot_id}",
        )
    if outputs.get("deleteAutomatedBackups") is False:
        days = outputs.get("backupRetentionPeriod")
        yield Remnant(
            what=f"RDS automated backups of {name}", why=f"can be restored; RDS deletes them within {days} days"
        )


def _key(id_: str, _outputs: Mapping[str, Any], ask: Ask) -> Iterator[Remnant]:
    known = ask("kms", "DescribeKey", KeyId=id_).get("KeyMetadata")
    if not known:
        return
    what = f"KMS key {known['KeyId']} ({known.get('Description', '')})"
    if known["KeyState"] == "PendingDeletion":
        # Free until then: https://aws.amazon.com/kms/pricing/
        yield Remnant(
            what=what, why=f"KMS deletes it on {known['DeletionDate']:%Y-%m-%d} and charges nothing until then"
        )
    else:
        yield Remnant(
            what=what,
            why="kept, because snapshots and backups cannot be read without it; delete those first, "
            f"then: aws kms schedule-key-deletion --key-id {known['KeyId']}",
        )


def _secret(id_: str, outputs: Mapping[str, Any], ask: Ask) -> Iterator[Remnant]:
    known = ask("secretsmanager", "DescribeSecret", SecretId=id_)
    if not known:
        return
    name = known["Name"]
    if known.get("DeletedDate"):
        # The window, not DeletedDate: AWS does not say whether that is the day of the request or of the end.
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
        days = int(outputs.get("recoveryWindowInDays") or 30)
        why = (
            f"can be restored for {days} days, then Secrets Manager deletes it; to restore it: "
            f"aws secretsmanager restore-secret --secret-id {name}"
        )
    else:
        why = f"not deleted; to delete it: aws secretsmanager delete-secret --secret-id {name}"
    yield Remnant(what=f"secret {name}", why=why)


def _bucket(id_: str, _outputs: Mapping[str, Any], ask: Ask) -> Iterator[Remnant]:
    if ask("s3", "HeadBucket", Bucket=id_):
        yield Remnant(what=f"S3 bucket {id_}", why=f"not deleted; empty it, then: aws s3 rb s3://{id_}")


def _log_group(id_: str, _outputs: Mapping[str, Any], ask: Ask) -> Iterator[Remnant]:
    groups = listed(ask("logs", "DescribeLogGroups", logGroupNamePrefix=id_), "logGroups")
    if any(group["logGroupName"] == id_ for group in groups):
        yield Remnant(
            what=f"log group {id_}",
            why="an AWS service wrote its last logs after the destroy; the next up imports it, or delete it: "
            f"aws logs delete-log-group --log-group-name {id_}",
        )


def _repository(id_: str, _outputs: Mapping[str, Any], ask: Ask) -> Iterator[Remnant]:
    if ask("ecr", "DescribeRepositories", repositoryNames=[id_]):
        yield Remnant(
            what=f"ECR repository {id_}",
            why=f"not deleted; to delete it with its images: aws ecr delete-repository --force --repository-name {id_}",
        )


_LOOKS: Mapping[str, Callable[[str, Mapping[str, Any], Ask], Iterator[Remnant]]] = {
    "aws:rds/instance:Instance": _instance,
    "aws:kms/key:Key": _key,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:ecr/repository:Repository": _repository,
}
