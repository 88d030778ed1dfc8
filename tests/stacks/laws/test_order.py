"""What is made before what, and deleted after it: near or through other resources, by reference or by `depends_on`."""

from tests.support.recorder import Recorded
from tests.support.worlds import World, every_world

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
JOB = "kubernetes:batch/v1:Job"
FOLLOWERS = (
    "kubernetes:core/v1:Service",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:policy/v1:PodDisruptionBudget",
)


def _missing(world: World, later: Recorded, *earlier: str) -> list[str]:
    """Name the resources of some types that a resource does not wait for; fail if there are none of a type at all."""
    waits_for = world.recording.waits_for(later)
    found = [each for type_ in earlier for each in world.all(type_)]
    assert {each.type for each in found} == set(earlier)
    return [f"{later.name} does not wait for {each.name}" for each in found if each.urn not in waits_for]


@every_world
def test_no_pod_starts_before_its_network_policies(world: World) -> None:
    """A pod without a policy may talk to everybody."""
    workloads = [*world.all(DEPLOYMENT), *world.all(JOB)]

    assert len(workloads) == 3
    for workload in workloads:
        assert _missing(world, workload, "kubernetes:networking.k8s.io/v1:NetworkPolicy") == []


@every_world
def test_new_pods_start_after_the_migration(world: World) -> None:
    """Their code expects the new tables; the old pods serve until then."""
    for deployment in world.all(DEPLOYMENT):
        assert _missing(world, deployment, JOB, "kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Secret") == []


@every_world
def test_what_selects_pods_follows_their_deployment(world: World) -> None:
    """A load balancer without targets, or an autoscaler without its deployment, reports errors."""
    followers = [each for type_ in FOLLOWERS for each in world.all(type_)]

    assert {each.name for each in followers} >= {"workload-service", "workload-autoscaler"}
    for follower in followers:
        deployment = "workload-worker" if "worker" in follower.name else "workload-deployment"
        assert world.only(DEPLOYMENT, deployment).urn in world.recording.waits_for(follower), follower.name


@every_world
def test_the_cluster_has_its_rights_as_long_as_it_lives(world: World) -> None:
    """Without a policy of its roles EKS cannot make, or delete, what it has in the account."""
    cluster = world.only("aws:eks/cluster:Cluster")
    waits_for = world.recording.waits_for(cluster)
    own = [each for each in world.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment") if "cluster" in each.name]

    assert len(own) == 7
    assert [each.name for each in own if each.urn not in waits_for] == []


@every_world
def test_what_logs_finds_its_log_group(world: World) -> None:
    """AWS would make the group itself, without retention or encryption, and then it is in the way."""
    groups = {each.name: each.urn for each in world.all("aws:cloudwatch/logGroup:LogGroup")}
    owners = [world.only("aws:eks/cluster:Cluster"), world.only("aws:rds/instance:Instance")]
    waited = [world.recording.waits_for(owner) for owner in owners]

    assert sorted(groups) == ["cluster-logs", "database-postgresql", "database-upgrade"]
    assert groups["cluster-logs"] in waited[0]
    assert {groups["database-postgresql"], groups["database-upgrade"]} <= waited[1]


@every_world
def test_a_nat_gateway_has_the_way_out_of_its_subnet(world: World) -> None:
    """And it goes before that way does."""
    (internet,) = [route for route in world.all("aws:ec2/route:Route") if "gatewayId" in route.inputs]
    gateways = world.all("aws:ec2/natGateway:NatGateway")

    assert (
        len(gateways)
        == {"none": 0, "single": 1, "per-az": len(world.settings.network.availability_zones)}[
            world.settings.network.nat_strategy
        ]
    )
    assert [each.name for each in gateways if internet.urn not in world.recording.waits_for(each)] == []


@every_world
def test_flow_logs_are_written_to_a_bucket_that_is_ready(world: World) -> None:
    """The bucket is closed to the world before it has a policy, and has a policy before it gets a log."""
    log = world.only("aws:ec2/flowLog:FlowLog")
    policies = world.all("aws:s3/bucketPolicy:BucketPolicy")

    assert (
        _missing(
            world, log, "aws:s3/bucketPolicy:BucketPolicy", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
        )
        == []
    )
    assert len(policies) == 1
    assert _missing(world, policies[0], "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock") == []


@every_world
def test_what_aws_describes_is_described_in_words(world: World) -> None:
    """Each description is a text of its own, so that a person in the console knows one from another."""
    described = [
        each for type_ in ("aws:kms/key:Key", "aws:ec2/securityGroup:SecurityGroup") for each in world.all(type_)
    ]
    texts = [each.inputs["description"] for each in [*described, *world.all("aws:secretsmanager/secret:Secret")]]

    assert [text for text in texts if len(text.split()) < 3] == []
    assert len({each.inputs["description"] for each in described}) == len(described)
