"""What the program says of each store of data beside the laws of the graph: images, messages, objects and logs."""

import json

from components.registry import RegistryArgs
from stacks.names import Names
from tests.components.lifecycle import Image, expired
from tests.support.worlds import World, every_world

BUCKET = "aws:s3/bucket:Bucket"
LOGS = "aws:cloudwatch/logGroup:LogGroup"


@every_world
def test_the_repository_keeps_what_runs(world: World) -> None:
    """It scans each image, and its lifecycle spares the one that runs, until the next one does."""
    repository = world.only("aws:ecr/repository:Repository")
    (encryption,) = repository.inputs["encryptionConfigurations"]
    assert encryption["encryptionType"] == "KMS"
    assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}

    lifecycle = world.only("aws:ecr/lifecyclePolicy:LifecyclePolicy")
    (pushed,) = world.only("docker-build:index:Image").inputs["tags"]
    live = Image(5000, (pushed.rpartition(":")[2],))
    untagged, builds = [Image(age) for age in (14, 15)], [Image(age, (f"sha-{age}",)) for age in range(300, 402)]
    args = RegistryArgs(repository_name="")
    assert (args.untagged_days, args.kept_builds) == (14, 100)
    assert expired(lifecycle.inputs["policy"], [live, *untagged, *builds]) == {untagged[1], *builds[100:]}
    deployments = {each.urn for each in world.all("kubernetes:apps/v1:Deployment")}
    assert deployments <= world.recording.waits_for(lifecycle)


@every_world
def test_dead_letters_come_from_one_queue(world: World) -> None:
    """Each queue has dead letters of its own, or is the dead letters of exactly one."""
    queues = world.all("aws:sqs/queue:Queue")
    redrives = {queue.name: json.loads(queue.inputs.get("redrivePolicy", "{}")) for queue in queues}

    sources = {world.owner(each["deadLetterTargetArn"]).name: name for name, each in redrives.items() if each}
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
def test_each_bucket_is_private(world: World) -> None:
    """Each of the four switches that a private bucket needs is on."""
    buckets = world.all(BUCKET)
    assert {bucket.name for bucket in buckets} == {"edge-access-logs", "network-flow-logs"}
    blocks = {
        block.inputs["bucket"]: {key: value for key, value in block.inputs.items() if key != "bucket"}
        for block in world.all("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    }

    assert blocks == {
        bucket.id: {
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        }
        for bucket in buckets
    }


@every_world
def test_all_traffic_is_logged_into_the_bucket(world: World) -> None:
    """Accepted and rejected, by the minute."""
    log, bucket = world.only("aws:ec2/flowLog:FlowLog"), world.only(BUCKET, "network-flow-logs")

    assert (log.inputs["trafficType"], log.inputs["logDestinationType"]) == ("ALL", "s3")
    assert log.inputs["maxAggregationInterval"] == 60
    assert world.owner(log.inputs["logDestination"]) is bucket


@every_world
def test_all_requests_are_logged_into_their_bucket(world: World) -> None:
    """Those that the load balancer answers, into another bucket than the flow logs."""
    balancer, bucket = world.only("aws:lb/loadBalancer:LoadBalancer"), world.only(BUCKET, "edge-access-logs")

    assert balancer.inputs["accessLogs"] == {"enabled": True, "bucket": bucket.name}


@every_world
def test_log_groups_are_those_that_aws_looks_for(world: World) -> None:
    """EKS and RDS would make them themselves, by these names; AWS WAF takes none that begins otherwise."""
    cluster, instance = world.only("aws:eks/cluster:Cluster").inputs, world.only("aws:rds/instance:Instance").inputs

    assert sorted(cluster["enabledClusterLogTypes"]) == [
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    ]
    assert instance["enabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    edge = "cloudfront" if world.settings.edge.cloudfront else "edge"
    assert {group.name: group.inputs["name"] for group in world.all(LOGS)} == {
        "cluster-logs": f"/aws/eks/drydock-{world.name}/cluster",
        **{
            f"pod-logs-{kind}": f"/aws/containerinsights/drydock-{world.name}/{kind}"
            for kind in ("application", "dataplane", "host")
        },
        "database-postgresql": f"/aws/rds/instance/drydock-{world.name}/postgresql",
        "database-upgrade": f"/aws/rds/instance/drydock-{world.name}/upgrade",
        **({f"{edge}-firewall-logs": f"aws-waf-logs-drydock-{world.name}"} if world.settings.edge.firewall else {}),
    }


@every_world
def test_log_groups_that_aws_creates_again_are_looked_for(world: World) -> None:
    """Otherwise the deployment after a destroy would fail on them."""
    created = {str(group.inputs["name"]) for group in world.all(LOGS)}

    assert sorted(Names(world.name).log_groups) == sorted(name for name in created if name.startswith("/aws/"))
