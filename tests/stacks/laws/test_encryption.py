"""What holds data: encrypted with a key of its own component, kept as long as the settings say, closed to the world."""

import json
from typing import Any

from components.registry import RegistryArgs
from tests.components.lifecycle import Image, expired
from tests.support.recorder import Recorded
from tests.support.worlds import World, every_world

KEY = "aws:kms/key:Key"
BUCKET = "aws:s3/bucket:Bucket"
QUEUE = "aws:sqs/queue:Queue"
ECR = "aws:ecr/repository:Repository"


def _has_own_key(world: World, resource: Recorded, arn: str) -> bool:
    key = world.owner(arn)
    return key.type == KEY and key.parent == resource.parent


def _of(world: World, type_: str, resource: Recorded, field: str) -> Recorded:
    """Give the one resource of a type that is for another one."""
    (found,) = [each for each in world.all(type_) if world.owner(each.inputs[field]) is resource]
    return found


def _refuses_plain_text(statement: dict[str, Any], service: str, resources: list[str]) -> bool:
    """Tell whether a statement denies everybody everything on the resources unless it comes by TLS."""
    named = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    return (
        (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", f"{service}:*")
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        and sorted(named) == sorted(resources)
    )


@every_world
def test_every_key_is_rotated_and_deleted_late(world: World) -> None:
    """One for each component that holds data; its policy is AWS's default."""
    keys = world.all(KEY)

    assert [key.name for key in keys] == [
        "app-secrets-key",
        "cluster-secrets",
        "database-storage",
        "jobs-key",
        "registry-images",
    ]
    for key in keys:
        assert {**key.inputs, "description": ""} == {
            "description": "",
            "enableKeyRotation": True,
            "deletionWindowInDays": 30,
        }, key.name
        assert key.inputs["description"]


@every_world
def test_every_secret_has_its_key(world: World) -> None:
    """And no policy of its own: IAM says who reads it."""
    secrets = world.all("aws:secretsmanager/secret:Secret")

    assert secrets
    for secret in secrets:
        assert _has_own_key(world, secret, secret.inputs["kmsKeyId"])
        assert "policy" not in secret.inputs


@every_world
def test_the_database_is_encrypted_as_a_whole(world: World) -> None:
    """Storage, backups and insights have its key, and the server refuses what comes without TLS."""
    instances = world.all("aws:rds/instance:Instance")

    assert instances
    for instance in instances:
        inputs = instance.inputs
        assert inputs["storageEncrypted"] is True
        assert _has_own_key(world, instance, inputs["kmsKeyId"])
        if world.settings.database.performance_insights:
            assert _has_own_key(world, instance, inputs["performanceInsightsKmsKeyId"])
        parameters = world.owner(inputs["parameterGroupName"]).inputs["parameters"]
        assert [p["value"] for p in parameters if p["name"] == "rds.force_ssl"] == ["1"]


@every_world
def test_kubernetes_secrets_are_encrypted_with_the_key_of_the_cluster(world: World) -> None:
    """Secrets, and nothing less."""
    (cluster,) = world.all("aws:eks/cluster:Cluster")

    encryption = cluster.inputs["encryptionConfig"]
    assert encryption["resources"] == ["secrets"]
    assert _has_own_key(world, cluster, encryption["provider"]["keyArn"])


@every_world
def test_every_repository_keeps_what_runs(world: World) -> None:
    """Its key, a scan of each image, and a lifecycle that spares every live image."""
    repositories = world.all(ECR)

    assert repositories
    for repository in repositories:
        (encryption,) = repository.inputs["encryptionConfigurations"]
        assert encryption["encryptionType"] == "KMS"
        assert _has_own_key(world, repository, encryption["kmsKey"])
        assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
        (lifecycle,) = [
            policy
            for policy in world.all("aws:ecr/lifecyclePolicy:LifecyclePolicy")
            if policy.inputs["repository"] == repository.inputs["name"]
        ]
        live = [Image(age, (f"sha-{age}", f"live-{age}")) for age in range(1, 300)]
        untagged, builds = [Image(age) for age in (14, 15)], [Image(age, (f"sha-{age}",)) for age in range(300, 402)]
        args = RegistryArgs(repository_name="")
        assert (args.untagged_days, args.kept_builds) == (14, 100)
        assert expired(lifecycle.inputs["policy"], [*live, *untagged, *builds]) == {untagged[1], *builds[100:]}


@every_world
def test_every_queue_is_encrypted_closed_and_has_dead_letters(world: World) -> None:
    """Each is a queue with dead letters of its own, or the dead letters of exactly one."""
    queues = world.all(QUEUE)
    redrives = {queue.name: json.loads(queue.inputs.get("redrivePolicy", "{}")) for queue in queues}

    sources: dict[str, str] = {}
    for queue in queues:
        assert _has_own_key(world, queue, queue.inputs["kmsMasterKeyId"])
        policy = json.loads(_of(world, "aws:sqs/queuePolicy:QueuePolicy", queue, "queueUrl").inputs["policy"])
        (arn,) = [text for text in queue.identities if text.startswith("arn:")]
        (statement,) = policy["Statement"]
        assert _refuses_plain_text(statement, "sqs", [arn])
        if redrives[queue.name]:
            sources[world.owner(redrives[queue.name]["deadLetterTargetArn"]).name] = queue.name
    assert {queue.name for queue in queues} == {*sources, *sources.values()}
    assert not set(sources) & set(sources.values())
    allowed = world.all("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy")
    assert {
        world.owner(each.inputs["queueUrl"]).name: (policy["redrivePermission"], sources_of)
        for each in allowed
        for policy in [json.loads(each.inputs["redriveAllowPolicy"])]
        for sources_of in [[world.owner(arn).name for arn in policy["sourceQueueArns"]]]
    } == {dead: ("byQueue", [source]) for dead, source in sources.items()}


@every_world
def test_every_bucket_is_private_and_encrypted(world: World) -> None:
    """Each of the resources that a safe bucket needs is there, for it and switched on."""
    buckets = world.all(BUCKET)

    assert buckets
    for bucket in buckets:
        type_ = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
        assert _of(world, type_, bucket, "bucket").inputs["rules"] == [
            {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
        ]
        block = _of(world, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", bucket, "bucket")
        assert {**block.inputs, "bucket": ""} == {
            "bucket": "",
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        }
        policy = _of(world, "aws:s3/bucketPolicy:BucketPolicy", bucket, "bucket")
        arn = f"arn:aws:s3:::{bucket.name}"
        deny, *_allow = json.loads(policy.inputs["policy"])["Statement"]
        assert _refuses_plain_text(deny, "s3", [arn, f"{arn}/*"])
        assert block.urn in world.recording.waits_for(policy)


@every_world
def test_all_traffic_is_logged_into_the_bucket(world: World) -> None:
    """Accepted and rejected, by the minute, once the bucket takes it."""
    log, bucket = world.only("aws:ec2/flowLog:FlowLog"), world.only(BUCKET)

    assert (log.inputs["trafficType"], log.inputs["logDestinationType"]) == ("ALL", "s3")
    assert log.inputs["maxAggregationInterval"] == 60
    assert world.owner(log.inputs["logDestination"]) is bucket
    assert world.only("aws:s3/bucketPolicy:BucketPolicy").urn in world.recording.waits_for(log)


@every_world
def test_every_log_group_ends_what_it_keeps(world: World) -> None:
    """Those that EKS and RDS would make themselves, by the name that they look for, and made before them."""
    cluster, instance = world.only("aws:eks/cluster:Cluster"), world.only("aws:rds/instance:Instance")
    exports = instance.inputs["enabledCloudwatchLogsExports"]

    assert sorted(cluster.inputs["enabledClusterLogTypes"]) == [
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    ]
    assert exports == ["postgresql", "upgrade"]
    assert {g.inputs["name"]: g.inputs["retentionInDays"] for g in world.all("aws:cloudwatch/logGroup:LogGroup")} == {
        f"/aws/eks/drydock-{world.name}/cluster": world.settings.cluster.log_retention_days,
        **{
            f"/aws/rds/instance/drydock-{world.name}/{log}": world.settings.database.log_retention_days
            for log in exports
        },
    }
    for group in world.all("aws:cloudwatch/logGroup:LogGroup"):
        owner = cluster if "/eks/" in group.inputs["name"] else instance
        assert group.urn in world.recording.waits_for(owner)
