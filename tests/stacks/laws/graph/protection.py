"""Resources with data are protected against deletion, and their data can be restored."""

from collections.abc import Callable, Iterable, Iterator

from tests.stacks.laws.graph.law import Break
from tests.support.edits import drop, option, put, without
from tests.support.recorder import Recorded
from tests.support.sdk import inputs_of
from tests.support.worlds import World

GUARDS = {
    "backupRetentionPeriod",
    "deletionProtection",
    "deletionProtectionEnabled",
    "deletionWindowInDays",
    "forceDelete",
    "forceDestroy",
    "messageRetentionSeconds",
    "pointInTimeRecovery",
    "recoveryWindowInDays",
    "skipFinalSnapshot",
    "snapshotRetentionLimit",
}
"""Inputs on the deletion or backup of data: a type with one of them has data."""
LONGEST_LOSS_IN_PROD = 7  # days


def holds_data(resource: Recorded) -> bool:
    """Return whether data, keys or credentials are lost with a resource."""
    return bool(inputs_of(resource.type) & GUARDS) or resource.type.startswith("kubernetes:core/v1:PersistentVolume")


def _stateful(world: World) -> dict[str, Recorded]:
    return {urn: each for urn, each in world.recording.resources.items() if holds_data(each)}


def what_holds_data_is_protected(world: World) -> Iterator[str]:
    """All resources with data are protected or none, as in the settings, and no other resource is."""
    stateful = _stateful(world)
    if world.name == "prod" and not world.settings.protect:
        yield "prod: nothing is protected"
    for urn, resource in world.recording.resources.items():
        expected = urn in stateful and world.settings.protect
        if resource.protect is not expected:
            yield f"{resource.name} ({resource.type}): protect is {resource.protect}"


def what_holds_data_is_not_emptied(world: World) -> Iterator[str]:
    """In a protected stack no resource is deleted with its content, and AWS's deletion protection is set."""
    for resource in _stateful(world).values():
        for name in ("forceDelete", "forceDestroy"):
            if name in inputs_of(resource.type) and (given := resource.inputs.get(name)) is world.settings.protect:
                yield f"{resource.name}: {name} is {given}"
        if "deletionProtection" in inputs_of(resource.type):
            given = resource.inputs.get("deletionProtection")
            if given is None or (world.name == "prod" and not given):
                yield f"{resource.name}: deletionProtection is {given}"


def _database(world: World, resource: Recorded) -> Iterator[str]:
    inputs, skipped = resource.inputs, resource.inputs.get("skipFinalSnapshot")
    fewest = LONGEST_LOSS_IN_PROD if world.name == "prod" else 1
    if not inputs.get("backupRetentionPeriod", 0) >= fewest:
        yield "has too few days of backups"
    if skipped is not False and world.settings.protect:
        yield "is deleted without a last snapshot"
    if skipped is False and not inputs.get("finalSnapshotIdentifier"):
        yield "cannot be deleted: its last snapshot has no name"
    if inputs.get("deleteAutomatedBackups") is not skipped:
        yield "loses its backups when it is deleted"
    if skipped is False and not world.owner(inputs["kmsKeyId"]).retain_on_delete:
        yield "has a last snapshot that nobody can read once its key is deleted"


def _bucket(world: World, resource: Recorded) -> Iterator[str]:
    states = [
        each.inputs["versioningConfiguration"]["status"]
        for each in world.all("aws:s3/bucketVersioning:BucketVersioning")
        if each.inputs["bucket"] == resource.id
    ]
    if states != ["Enabled"]:
        yield "keeps no old versions of its objects"


def _key(world: World, resource: Recorded) -> Iterator[str]:
    if resource.inputs.get("deletionWindowInDays") != 30:
        yield "is not kept as long as possible after its deletion"


def _secret(world: World, resource: Recorded) -> Iterator[str]:
    # In a stack without protection, the name of the secret is free immediately.
    if resource.inputs.get("recoveryWindowInDays") != (30 if world.settings.protect else 0):
        yield "is not kept as long as possible after its deletion"


def _queue(world: World, resource: Recorded) -> Iterator[str]:
    texts = [str(each.inputs.get("redrivePolicy")) for each in world.all(resource.type)]
    is_target = any(identity in text for text in texts for identity in resource.identities)
    if "redrivePolicy" not in resource.inputs and not is_target:
        yield "loses the messages that nobody can handle"


def _repository(world: World, resource: Recorded) -> Iterator[str]:
    if resource.inputs.get("imageTagMutability") != "IMMUTABLE":
        yield "lets an image be overwritten"


def _not_needed(world: World, resource: Recorded) -> Iterable[str]:
    return ()


WAYS_BACK: dict[str, Callable[[World, Recorded], Iterable[str]]] = {
    "aws:rds/instance:Instance": _database,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:kms/key:Key": _key,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:sqs/queue:Queue": _queue,
    "aws:ecr/repository:Repository": _repository,
    "aws:eks/cluster:Cluster": _not_needed,  # AWS keeps etcd, and this program creates every object again
    "aws:cloudwatch/logGroup:LogGroup": _not_needed,  # AWS has no backup of logs, but keeps them in three zones
}


def what_holds_data_has_a_way_back(world: World) -> Iterator[str]:
    """Each type with data has backups, a snapshot, old versions or a recovery window; a new type needs an entry."""
    for resource in _stateful(world).values():
        way_back = WAYS_BACK.get(resource.type)
        found = ["holds data, and no backup of its type is known"] if way_back is None else way_back(world, resource)
        yield from (f"{resource.name} {finding}" for finding in found)


LAWS = [what_holds_data_is_protected, what_holds_data_is_not_emptied, what_holds_data_has_a_way_back]

_PROTECTED = [
    "Instance:database-instance",
    "Bucket:network-flow-logs",
    "Key:database-storage",
    "Queue:jobs-queue",
    "Repository:registry-repository",
    "Cluster:cluster-eks",
    "LogGroup:cluster-logs",
    "Key:database-master",
]
_DATABASE, _BACK = "Instance:database-instance", what_holds_data_has_a_way_back
BREAKS = [
    *(
        Break(
            name=f"{key} is not protected",
            edit=option(key, protect=False),
            law=what_holds_data_is_protected,
            says=f"{key.partition(':')[2]} (",
        )
        for key in _PROTECTED
    ),
    Break(
        name="a subnet is protected",
        edit=option("Subnet:network-private-a", protect=True),
        law=what_holds_data_is_protected,
        says="network-private-a (aws:ec2/subnet:Subnet): protect is True",
    ),
    Break(
        name="a DNS zone, which no list of this program has",
        edit=option("Addon:cluster-metrics-server", type="aws:route53/zone:Zone", protect=True),
        law=_BACK,
        says="cluster-metrics-server holds data, and no backup of its type is known",
    ),
    Break(
        name="the bucket is deleted with its objects",
        edit=put("Bucket:network-flow-logs", "forceDestroy", value=True),
        law=what_holds_data_is_not_emptied,
        says="network-flow-logs: forceDestroy",
    ),
    Break(
        name="the registry is deleted with its images",
        edit=put("Repository:registry-repository", "forceDelete", value=True),
        law=what_holds_data_is_not_emptied,
        says="registry-repository: forceDelete",
    ),
    Break(
        name="RDS does not refuse the deletion",
        edit=put(_DATABASE, "deletionProtection", value=False),
        law=what_holds_data_is_not_emptied,
        says="database-instance: deletionProtection is False",
    ),
    Break(
        name="EKS is not told whether to refuse the deletion",
        edit=without("Cluster:cluster-eks", "deletionProtection"),
        law=what_holds_data_is_not_emptied,
        says="cluster-eks: deletionProtection is None",
    ),
    *(
        Break(name=name, edit=edit, law=_BACK, says=says)
        for name, edit, says in [
            ("no backups", put(_DATABASE, "backupRetentionPeriod", value=0), "too few days"),
            ("backups of a day", put(_DATABASE, "backupRetentionPeriod", value=1), "too few days"),
            ("no last snapshot", put(_DATABASE, "skipFinalSnapshot", value=True), "without a last snapshot"),
            ("a last snapshot without a name", without(_DATABASE, "finalSnapshotIdentifier"), "has no name"),
            ("backups go too", put(_DATABASE, "deleteAutomatedBackups", value=True), "loses its backups"),
            ("the key goes too", option("Key:database-storage", retain_on_delete=False), "nobody can read"),
            ("no versions", drop("BucketVersioning:network-flow-logs"), "no old versions"),
            (
                "versioning is off",
                put("BucketVersioning:network-flow-logs", "versioningConfiguration", "status", value="Suspended"),
                "network-flow-logs keeps no old versions",
            ),
            ("a key for a week", put("Key:jobs-key", "deletionWindowInDays", value=7), "jobs-key is not kept"),
            (
                "an image may be overwritten",
                put("Repository:registry-repository", "imageTagMutability", value="MUTABLE"),
                "overwritten",
            ),
        ]
    ),
]
