"""Stores of images, messages, objects and logs, in addition to the laws of the graph."""

import json

from components.registry import RegistryArgs
from stacks.names import Names
from tests.components.lifecycle import Image, expired
from tests.support.services import DEPLOYMENT, services_of
from tests.support.worlds import World, every_world

REPOSITORY = "aws:ecr/repository:Repository"
BUCKET = "aws:s3/bucket:Bucket"
LOGS = "aws:cloudwatch/logGroup:LogGroup"


@every_world
def test_each_repository_keeps_the_running_image(world: World) -> None:
    """Each image is scanned, and the lifecycle does not expire the running image before the next one runs."""
    built = [service for service in services_of(world) if service.registry]
    assert sorted(f"{service.registry}-repository" for service in built) == world.recording.names(REPOSITORY)
    for service in built:
        repository = world.only(REPOSITORY, f"{service.registry}-repository")
        (encryption,) = repository.inputs["encryptionConfigurations"]
        assert encryption["encryptionType"] == "KMS"
        assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}

        lifecycle = world.only("aws:ecr/lifecyclePolicy:LifecyclePolicy", f"{service.registry}-lifecycle")
        assert lifecycle.inputs["repository"] == repository.inputs["name"]
        (pushed,) = world.only("docker-build:index:Image", f"{service.image}-image").inputs["tags"]
        live = Image(5000, (pushed.rpartition(":")[2],))
        untagged, builds = [Image(age) for age in (14, 15)], [Image(age, (f"sha-{age}",)) for age in range(300, 402)]
        args = RegistryArgs(repository_name="")
        assert (args.untagged_days, args.kept_builds) == (14, 100)
        assert expired(lifecycle.inputs["policy"], [live, *untagged, *builds]) == {untagged[1], *builds[100:]}
        deployments = {each.urn for each in service.all(world, DEPLOYMENT)}
        assert deployments
        assert deployments <= world.recording.waits_for(lifecycle)


@every_world
def test_each_dead_letter_queue_belongs_to_one_queue(world: World) -> None:
    """Each queue has its own dead-letter queue, or is that of exactly one queue."""
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
    """All four switches of the public access block are on."""
    buckets = world.all(BUCKET)
    assert {bucket.name for bucket in buckets} >= {"edge-access-logs", "network-flow-logs"}
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
    """Flow logs have accepted and rejected traffic, aggregated by the minute."""
    log, bucket = world.only("aws:ec2/flowLog:FlowLog"), world.only(BUCKET, "network-flow-logs")

    assert (log.inputs["trafficType"], log.inputs["logDestinationType"]) == ("ALL", "s3")
    assert log.inputs["maxAggregationInterval"] == 60
    assert world.owner(log.inputs["logDestination"]) is bucket


@every_world
def test_all_requests_are_logged_into_their_bucket(world: World) -> None:
    """Access logs of the load balancer go to another bucket than the flow logs."""
    balancer, bucket = world.only("aws:lb/loadBalancer:LoadBalancer"), world.only(BUCKET, "edge-access-logs")

    assert balancer.inputs["accessLogs"] == {"enabled": True, "bucket": bucket.name}


@every_world
def test_log_groups_have_the_names_that_aws_requires(world: World) -> None:
    """EKS and RDS would create groups with these names themselves; AWS WAF requires its prefix."""
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
def test_the_program_imports_log_groups_that_aws_creates_again(world: World) -> None:
    """Otherwise the deployment after a destroy would fail, because they exist."""
    created = {str(group.inputs["name"]) for group in world.all(LOGS)}

    assert sorted(Names(world.name).log_groups) == sorted(name for name in created if name.startswith("/aws/"))
