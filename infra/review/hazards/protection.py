"""Protections that a deployment takes away or weakens: from deletion, data loss, interruption and disclosure."""

from collections.abc import Callable, Iterator, Mapping
from math import inf
from typing import Any, NamedTuple

from infra.policy.documents import texts
from infra.resources.aws_types import BUCKETS, LOAD_BALANCERS
from infra.resources.properties import at, is_number, items, mapping, unset
from infra.review.hazards.alteration import Alteration
from infra.review.widening import widenings

NAMESPACE = "kubernetes:core/v1:Namespace"
INSTANCE, AURORA, TABLE = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:dynamodb/table:Table"
Weaker = Callable[[Any, Any], bool]
"""Returns whether the second of two known, different values protects less."""


class Protection(NamedTuple):
    """A property that protects something."""

    path: str
    weaker: Weaker
    what: str
    """What is no longer so."""


def _off(old: Any, _: Any) -> bool:
    return old is True


def _on(_: Any, new: Any) -> bool:
    return new is True


def _shorter(default: float | None = None) -> Weaker:
    """Return a check whether a duration is shorter. An unset value is `default`; without a default, it is not compared.

    The defaults are those of AWS: botocore, sqs SetQueueAttributes, kms ScheduleKeyDeletion and secretsmanager
    DeleteSecret.
    """

    def weaker(old: Any, new: Any) -> bool:
        before, after = (default if unset(each) else each for each in (old, new))
        return is_number(before) and is_number(after) and after < before

    return weaker


def _kept_shorter(old: Any, new: Any) -> bool:
    return _days(new) < _days(old)


def _days(value: Any) -> float:
    """Without `retentionInDays`, or with 0, a log group keeps its events forever: botocore logs PutRetentionPolicy."""
    return value if is_number(value) and value else inf


def _left(*values: str) -> Weaker:
    """Return a check whether a value was one of these and no longer is, ignoring case."""
    return lambda old, new: str(old).lower() in values and str(new).lower() not in values


def _gone(old: Any, new: Any) -> bool:
    return not unset(old) and unset(new)


def _fewer(old: Any, new: Any) -> bool:
    return bool(set(texts(old)) - set(texts(new)))


def _without_rules(old: Any, new: Any) -> bool:
    """Return whether a web ACL has lost a rule, or only counts what a rule blocked; priorities do not matter."""
    before, after = ({at(each, "name"): each for each in items(rules)} for rules in (old, new))
    return any(name not in after or (_counts(after[name]) and not _counts(rule)) for name, rule in before.items())


def _counts(rule: Any) -> bool:
    return any("count" in mapping(at(rule, action)) for action in ("action", "overrideAction"))


_DELETION = "it is no longer protected from deletion"
_ENCRYPTED = "its data is no longer encrypted"
_KEY = "it is no longer encrypted with a key of its own"
_EMPTIED = "its deletion now deletes its content too"
_DATABASE = (
    Protection("deletionProtection", _off, _DELETION),
    Protection("skipFinalSnapshot", _on, "its deletion no longer takes a final snapshot"),
    Protection("backupRetentionPeriod", _shorter(), "its backups are kept for a shorter time"),
    Protection("storageEncrypted", _off, _ENCRYPTED),
    Protection("kmsKeyId", _gone, _KEY),
    Protection(
        "deleteAutomatedBackups",
        lambda old, new: old is False and new is not False,
        "its deletion also deletes its backups",
    ),
)
PROTECTIONS: Mapping[str, tuple[Protection, ...]] = {
    INSTANCE: (*_DATABASE, Protection("multiAz", _off, "it has no standby in another zone any more")),
    AURORA: _DATABASE,
    TABLE: (
        Protection("deletionProtectionEnabled", _off, _DELETION),
        Protection("pointInTimeRecovery.enabled", _off, "it has no point-in-time recovery any more"),
        Protection("serverSideEncryption.enabled", _off, _KEY),
    ),
    "aws:eks/cluster:Cluster": (
        Protection("deletionProtection", _off, _DELETION),
        Protection("encryptionConfig", _gone, "its secrets are no longer encrypted with a key of its own"),
        Protection("enabledClusterLogTypes", _fewer, "its control plane writes fewer types of logs"),
    ),
    **dict.fromkeys(LOAD_BALANCERS, (Protection("enableDeletionProtection", _off, _DELETION),)),
    **dict.fromkeys(BUCKETS, (Protection("forceDestroy", _on, _EMPTIED),)),
    "aws:s3/bucketVersioning:BucketVersioning": (
        Protection(
            "versioningConfiguration.status", _left("enabled"), "older versions of its objects are no longer kept"
        ),
    ),
    "aws:ecr/repository:Repository": (
        Protection("forceDelete", _on, _EMPTIED),
        Protection("imageTagMutability", _left("immutable"), "its tags may be moved to other images"),
    ),
    "aws:cloudwatch/logGroup:LogGroup": (
        Protection("retentionInDays", _kept_shorter, "its events are kept for a shorter time"),
        Protection("kmsKeyId", _gone, _KEY),
    ),
    "aws:kms/key:Key": (
        Protection("enableKeyRotation", _off, "its key material is no longer rotated"),
        Protection("deletionWindowInDays", _shorter(30), "a deletion can be cancelled for a shorter time"),
    ),
    "aws:sqs/queue:Queue": (
        Protection("kmsMasterKeyId", _gone, _KEY),
        Protection("sqsManagedSseEnabled", lambda _, new: new is False, _ENCRYPTED),
        Protection("redrivePolicy", _gone, "failed messages no longer go to a dead-letter queue"),
        Protection("messageRetentionSeconds", _shorter(4 * 24 * 3600), "its messages are kept for a shorter time"),
    ),
    "aws:secretsmanager/secret:Secret": (
        Protection("recoveryWindowInDays", _shorter(30), "a deletion can be cancelled for a shorter time"),
        Protection("kmsKeyId", _gone, _KEY),
    ),
    "aws:efs/fileSystem:FileSystem": (Protection("encrypted", _off, _ENCRYPTED),),
    "aws:ebs/volume:Volume": (Protection("encrypted", _off, _ENCRYPTED),),
    "aws:wafv2/webAcl:WebAcl": (Protection("rules", _without_rules, "it no longer blocks what a rule blocked"),),
    "aws:cognito/userPool:UserPool": (Protection("deletionProtection", _left("active"), _DELETION),),
}
"""Type -> what protects it. Defaults of AWS are those of the provider's schema."""

DELETED: Mapping[str, str] = {
    "aws:s3/bucketVersioning:BucketVersioning": "older versions of the bucket's objects are no longer kept",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "the bucket's own "
    "encryption no longer applies",
    "aws:backup/plan:Plan": "nothing is backed up by it any more",
    "aws:backup/selection:Selection": "what it selects is no longer backed up",
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": "backups of the vault may be deleted",
    "aws:cloudtrail/trail:Trail": "calls of the account are no longer recorded by it",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "requests are no longer filtered by the web ACL",
    "aws:ec2/flowLog:FlowLog": "connections are no longer recorded by it",
}
"""Type -> what its deletion means."""


def weakened(alteration: Alteration) -> Iterator[str]:
    """Yield what protects less than before."""
    for path, weaker, what in PROTECTIONS.get(alteration.type, ()):
        pair = alteration.pair(path)
        if pair and weaker(*pair):
            yield f"{what} ({path})"
    if alteration.operation == "delete" and not alteration.stays and alteration.type in DELETED:
        yield DELETED[alteration.type]
    if alteration.type == NAMESPACE and alteration.old is not None:
        yield from widenings(NAMESPACE, alteration.old, alteration.new)
    yield from _options(alteration)


def _options(alteration: Alteration) -> Iterator[str]:
    old, new = alteration.step.old, alteration.step.new
    if old is None or new is None:
        return
    if old.protect and not new.protect:
        yield "the option protect no longer prevents its deletion"
    if old.retain_on_delete and not new.retain_on_delete:
        yield "the option retainOnDelete no longer keeps it in the account"
