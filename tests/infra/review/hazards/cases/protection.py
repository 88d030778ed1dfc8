"""Changes that weaken a protection."""

from tests.infra.review.built import UNKNOWN, step
from tests.infra.review.hazards.cases.made import (
    CLUSTER,
    INSTANCE,
    KEY,
    LOGS,
    NAMESPACE,
    QUEUE,
    REPOSITORY,
    TRAIL,
    VERSIONING,
    Case,
    created,
    deleted,
    level,
    updated,
)

WEB_ACL, UNBLOCKED = "aws:wafv2/webAcl:WebAcl", "it no longer blocks what a rule blocked"
COMMON = {"name": "common", "priority": 1, "overrideAction": {"none": {}}}
RATE = {"name": "rate", "priority": 2, "action": {"block": {}}}

CASES: dict[str, Case] = {
    "a rule less in a web ACL": updated(
        WEB_ACL, {"rules": [COMMON, RATE]}, {"rules": [RATE]}, ("protection-loss", f"{UNBLOCKED} (rules)")
    ),
    "a rule that only counts": updated(
        WEB_ACL,
        {"rules": [COMMON, RATE]},
        {"rules": [{**COMMON, "overrideAction": {"count": {}}}, RATE]},
        ("protection-loss", f"{UNBLOCKED} (rules)"),
    ),
    "a rule that counts requests, and blocked them": updated(
        WEB_ACL,
        {"rules": [RATE]},
        {"rules": [{**RATE, "action": {"count": {}}}]},
        ("protection-loss", f"{UNBLOCKED} (rules)"),
    ),
    "a rule that blocks what it counted": updated(
        WEB_ACL, {"rules": [{**RATE, "action": {"count": {}}}]}, {"rules": [RATE]}
    ),
    "rules in another order": updated(WEB_ACL, {"rules": [COMMON, RATE]}, {"rules": [{**RATE, "priority": 9}, COMMON]}),
    "a web ACL no longer applies": deleted(
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        {"webAclArn": "arn:w"},
        ("protection-loss", "requests are no longer filtered by the web ACL"),
    ),
    "deletion protection off": updated(
        INSTANCE,
        {"deletionProtection": True},
        {},
        ("protection-loss", "it is no longer protected from deletion (deletionProtection)"),
    ),
    "deletion protection on": updated(INSTANCE, {"deletionProtection": False}, {"deletionProtection": True}),
    "deletion protection that is not known": updated(
        INSTANCE, {"deletionProtection": True}, {"deletionProtection": UNKNOWN}
    ),
    "the option protect off": Case(
        step("same", QUEUE, "x", old={}, new={}, protect=(True, False)),
        [("protection-loss", "the option protect no longer prevents its deletion")],
    ),
    "the option protect on": Case(step("same", QUEUE, "x", old={}, new={}, protect=(False, True)), []),
    "the option retainOnDelete off": Case(
        step("same", QUEUE, "x", old={}, new={}, retain=(True, False)),
        [("protection-loss", "the option retainOnDelete no longer keeps it in the account")],
    ),
    "the option protect stays off": Case(
        step("update", INSTANCE, "x", old={"port": 1}, new={"port": 2}, protect=(False, False)), []
    ),
    "the option retainOnDelete stays on": Case(
        step("update", INSTANCE, "x", old={"port": 1}, new={"port": 2}, retain=(True, True)), []
    ),
    "deletion protection is set": updated(INSTANCE, {}, {"deletionProtection": False}),
    "automated backups are deleted too": updated(
        INSTANCE,
        {"deleteAutomatedBackups": False},
        {},
        ("protection-loss", "its deletion also deletes its backups (deleteAutomatedBackups)"),
    ),
    "automated backups are deleted as before": updated(INSTANCE, {}, {"deleteAutomatedBackups": True}),
    "days of backups that were not set": updated(INSTANCE, {}, {"backupRetentionPeriod": 7}),
    "no key as before": updated(QUEUE, {}, {"kmsMasterKeyId": ""}),
    "encryption of a queue": updated(QUEUE, {"sqsManagedSseEnabled": False}, {"sqsManagedSseEnabled": True}),
    "logs are kept forever by default": updated(LOGS, {"retentionInDays": 30}, {}),
    "logs are no longer kept forever by default": updated(
        LOGS,
        {},
        {"retentionInDays": 30},
        ("protection-loss", "its events are kept for a shorter time (retentionInDays)"),
    ),
    "a label of another object": updated("kubernetes:core/v1:ConfigMap", level("restricted"), level("baseline")),
    "a namespace is deleted": deleted(NAMESPACE, level("restricted")),
    "no final snapshot": updated(
        INSTANCE,
        {},
        {"skipFinalSnapshot": True},
        ("protection-loss", "its deletion no longer takes a final snapshot (skipFinalSnapshot)"),
    ),
    "fewer days of backups": updated(
        INSTANCE,
        {"backupRetentionPeriod": 14},
        {"backupRetentionPeriod": 7},
        ("protection-loss", "its backups are kept for a shorter time (backupRetentionPeriod)"),
    ),
    "more days of backups": updated(INSTANCE, {"backupRetentionPeriod": 7}, {"backupRetentionPeriod": 14}),
    "days of backups that are not set": updated(INSTANCE, {"backupRetentionPeriod": 7}, {}),
    "no standby": updated(
        INSTANCE,
        {"multiAz": True},
        {"multiAz": False},
        ("protection-loss", "it has no standby in another zone any more (multiAz)"),
    ),
    "no key of its own": updated(
        QUEUE,
        {"kmsMasterKeyId": "k"},
        {},
        ("protection-loss", "it is no longer encrypted with a key of its own (kmsMasterKeyId)"),
    ),
    "another key": updated(QUEUE, {"kmsMasterKeyId": "k"}, {"kmsMasterKeyId": "l"}),
    "no encryption of a queue": updated(
        QUEUE,
        {},
        {"sqsManagedSseEnabled": False},
        ("protection-loss", "its data is no longer encrypted (sqsManagedSseEnabled)"),
    ),
    "fewer days of logs": updated(
        LOGS,
        {"retentionInDays": 30},
        {"retentionInDays": 7},
        ("protection-loss", "its events are kept for a shorter time (retentionInDays)"),
    ),
    "logs are no longer kept forever": updated(
        LOGS,
        {"retentionInDays": 0},
        {"retentionInDays": 365},
        ("protection-loss", "its events are kept for a shorter time (retentionInDays)"),
    ),
    "logs are kept forever": updated(LOGS, {"retentionInDays": 30}, {"retentionInDays": 0}),
    "versioning suspended": updated(
        VERSIONING,
        {"versioningConfiguration": {"status": "Enabled"}},
        {"versioningConfiguration": {"status": "Suspended"}},
        ("protection-loss", "older versions of its objects are no longer kept (versioningConfiguration.status)"),
    ),
    "versioning enabled": updated(
        VERSIONING,
        {"versioningConfiguration": {"status": "Suspended"}},
        {"versioningConfiguration": {"status": "Enabled"}},
    ),
    "versioning deleted": deleted(
        VERSIONING, {"bucket": "b"}, ("protection-loss", "older versions of the bucket's objects are no longer kept")
    ),
    "versioning was suspended": updated(
        VERSIONING,
        {"versioningConfiguration": {"status": "Suspended"}},
        {"versioningConfiguration": {"status": "Disabled"}},
    ),
    "tags that no longer move": updated(
        REPOSITORY, {"imageTagMutability": "MUTABLE"}, {"imageTagMutability": "IMMUTABLE"}
    ),
    "tags that may move": updated(
        REPOSITORY,
        {"imageTagMutability": "IMMUTABLE"},
        {"imageTagMutability": "MUTABLE"},
        ("protection-loss", "its tags may be moved to other images (imageTagMutability)"),
    ),
    "a trail is deleted": deleted(TRAIL, {}, ("protection-loss", "calls of the account are no longer recorded by it")),
    "a lower level of Pod Security": updated(
        NAMESPACE,
        level("restricted"),
        level("baseline"),
        ("protection-loss", "admits pods at the baseline level"),
    ),
    "a higher level of Pod Security": updated(NAMESPACE, level("baseline"), level("restricted")),
    "a namespace without a level is created": created(NAMESPACE, {"metadata": {}}),
    "versioning is deleted from the state only": deleted(VERSIONING, {"bucket": "b"}, retain=True),
    "fewer types of logs": updated(
        CLUSTER,
        {"enabledClusterLogTypes": ["api", "audit"]},
        {"enabledClusterLogTypes": ["api"]},
        ("protection-loss", "its control plane writes fewer types of logs (enabledClusterLogTypes)"),
    ),
    "more types of logs in another order": updated(
        CLUSTER, {"enabledClusterLogTypes": ["api", "audit"]}, {"enabledClusterLogTypes": ["audit", "api", "scheduler"]}
    ),
    "messages are kept for the default time": updated(
        QUEUE,
        {"messageRetentionSeconds": 1209600},
        {},
        ("protection-loss", "its messages are kept for a shorter time (messageRetentionSeconds)"),
    ),
    "messages are kept for the default time and no shorter": updated(QUEUE, {"messageRetentionSeconds": 345600}, {}),
    "a shorter window than the default": updated(
        KEY,
        {},
        {"deletionWindowInDays": 7},
        ("protection-loss", "a deletion can be cancelled for a shorter time (deletionWindowInDays)"),
    ),
    "a secret without a window": updated(
        "aws:secretsmanager/secret:Secret",
        {},
        {"recoveryWindowInDays": 0},
        ("protection-loss", "a deletion can be cancelled for a shorter time (recoveryWindowInDays)"),
    ),
    "the default window of a secret": updated("aws:secretsmanager/secret:Secret", {"recoveryWindowInDays": 7}, {}),
}
