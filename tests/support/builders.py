"""Valid args of every component; a test changes one of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pulumi

from components.alarms import Alarms, AlarmsArgs
from components.cluster import Cluster, ClusterArgs
from components.database import Database, DatabaseArgs
from components.deploy_identities import DeployIdentities, DeployIdentitiesArgs
from components.distribution import Distribution, DistributionArgs
from components.edge import Edge, EdgeArgs
from components.image import BuildContext, Image, ImageArgs
from components.job_queue import JobQueue, JobQueueArgs
from components.manifests.process import Probes, Process
from components.mounted_secrets import MountedSecrets, MountedSecretsArgs
from components.network import Network, NetworkArgs
from components.network_policy_engine import NetworkPolicyEngine, NetworkPolicyEngineArgs
from components.node_pools import NodePools, NodePoolsArgs
from components.pod_logs import PodLogs, PodLogsArgs
from components.pod_role import PodRole, PodRoleArgs
from components.registry import Registry, RegistryArgs
from components.route import Route, RouteArgs
from components.state_store import StateStore, StateStoreArgs
from components.workload import Workload, WorkloadArgs
from tests.support.fake_outputs import ACCOUNT_ID, REGION

ROOT = Path(__file__).parent.parent.parent
REPOSITORY = f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/drydock-test"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:team/api-key-AbCdEf"
MASTER_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:rds!db-1-AbCdEf"
SERVER = Process(
    args=("serve",),
    probes=Probes(startup="/health/startup", readiness="/health/serving", liveness="/health/live"),
)
WORKER = Process(
    args=("worker",), probes=Probes(startup="/health/startup", readiness="/health/ready", liveness="/health/live")
)
IMAGE_REF = f"{REPOSITORY}@sha256:{'0123456789abcdef' * 4}"


def network_args(**changes: Any) -> NetworkArgs:
    """Return args of a network in two zones."""
    args = NetworkArgs(region=REGION, account_id=ACCOUNT_ID, cidr=IPv4Network("10.0.0.0/16"), zones=("a", "b"))
    return replace(args, **changes)


def cluster_args(**changes: Any) -> ClusterArgs:
    """Return args of a private cluster."""
    args = ClusterArgs(
        region=REGION,
        cluster_name="drydock-test",
        version="1.35",
        subnet_ids=["subnet-a", "subnet-b"],
        service_cidr=IPv4Network("172.20.0.0/16"),
        admin_roles=("deploy", "admin"),
        vpc_id="vpc-1",
        account_id=ACCOUNT_ID,
    )
    return replace(args, **changes)


def policy_engine_args(**changes: Any) -> NetworkPolicyEngineArgs:
    """Return args of the policy engine of the cluster."""
    return replace(NetworkPolicyEngineArgs(), **changes)


def node_pools_args(**changes: Any) -> NodePoolsArgs:
    """Return args of one pool."""
    args = NodePoolsArgs(
        node_role_name="node-role",
        subnet_ids=["subnet-a", "subnet-b"],
        security_group_id="sg-cluster",
        key_arn=f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/nodes",
        cpu_limit=64,
        memory_limit_gib=256,
        tags={"Project": "drydock"},
    )
    return replace(args, **changes)


def database_args(**changes: Any) -> DatabaseArgs:
    """Return args of a database with all defaults."""
    args = DatabaseArgs(
        identifier="drydock-test",
        vpc_id="vpc-1",
        subnet_ids=["subnet-a", "subnet-b"],
        client_security_group_id="sg-clients",
        engine_version="18.1",
        instance_class="db.m7g.large",
    )
    return replace(args, **changes)


def edge_args(**changes: Any) -> EdgeArgs:
    """Return args of an internal edge with a domain."""
    args = EdgeArgs(
        account_id=ACCOUNT_ID,
        vpc_id="vpc-1",
        subnet_ids=["subnet-a", "subnet-b"],
        cluster_name="drydock-test",
        cluster_security_group_id="sg-cluster",
        pod_port=8080,
        client_cidrs=["10.0.0.0/16", "10.9.0.0/16"],
        domain="api.example.com",
        zone="example.com",
    )
    return replace(args, **changes)


def distribution_args(**changes: Any) -> DistributionArgs:
    """Return args of a distribution with all defaults."""
    args = DistributionArgs(
        domain="api.example.com",
        zone="example.com",
        origin_dns_name="edge.elb.amazonaws.com",
        origin_certificate_arn=f"arn:aws:acm:{REGION}:{ACCOUNT_ID}:certificate/edge",
        origin_key="the-origin-key",
        origin_idle_seconds=60,
        logs_bucket_arn="arn:aws:s3:::access-logs",
    )
    return replace(args, **changes)


def registry_args(**changes: Any) -> RegistryArgs:
    """Return args of a registry."""
    return replace(RegistryArgs(repository_name="drydock-test"), **changes)


def image_args(**changes: Any) -> ImageArgs:
    """Return args of the image of the service."""
    args = ImageArgs(
        context=BuildContext(folder=ROOT / "app", location="../app"),
        repository_url=REPOSITORY,
        registry_id=ACCOUNT_ID,
    )
    return replace(args, **changes)


def pod_logs_args(**changes: Any) -> PodLogsArgs:
    """Return args of the pod logs of a cluster."""
    args = PodLogsArgs(
        cluster_name="drydock-test",
        ready_cluster_name="drydock-test",
        addon_version="v6.3.0-eksbuild.1",
    )
    return replace(args, **changes)


def pod_role_args(**changes: Any) -> PodRoleArgs:
    """Return args of the role of the pods of the service."""
    args = PodRoleArgs(
        account_id=ACCOUNT_ID,
        cluster_name="drydock-test",
        cluster_arn=f"arn:aws:eks:{REGION}:{ACCOUNT_ID}:cluster/drydock-test",
        namespace="drydock",
        service_account="api",
        policy='{"Version": "2012-10-17", "Statement": []}',
    )
    return replace(args, **changes)


def mounted_secrets_args(**changes: Any) -> MountedSecretsArgs:
    """Return args of the mounted secrets of the service, one of each kind."""
    args = MountedSecretsArgs(
        description="Secrets of api",
        region=REGION,
        account_id=ACCOUNT_ID,
        cluster_name="drydock-test",
        addon_version="v3.1.2-eksbuild.1",
        role_name="api-role",
        generated=["FAULT_TOKEN", "SIGNING_KEY"],
        existing={"API_KEY": "team/api-key"},
    )
    return replace(args, **changes)


def job_queue_args(**changes: Any) -> JobQueueArgs:
    """Return args of the queue of the service."""
    return replace(JobQueueArgs(description="Jobs", role_id="api-role"), **changes)


def alarms_args(**changes: Any) -> AlarmsArgs:
    """Return args of the alarms of a service with 20 GiB and 100 connections."""
    args = AlarmsArgs(
        environment="drydock-test",
        load_balancer="app/edge/0123456789abcdef",
        target_group="targetgroup/pods/0123456789abcdef",
        database="drydock-test",
        allocated_storage_gib=20,
        max_connections=100,
        queue="jobs-queue",
        dead_letters="jobs-dead-letters",
    )
    return replace(args, **changes)


def state_store_args(**changes: Any) -> StateStoreArgs:
    """Return args of a state store."""
    return replace(StateStoreArgs(bucket_name="drydock-state-test"), **changes)


def deploy_identities_args(**changes: Any) -> DeployIdentitiesArgs:
    """Return args of the identities of two environments."""
    statement = {"Effect": "Allow", "Action": ["sqs:CreateQueue", "sqs:ListQueues"], "Resource": "*"}
    args = DeployIdentitiesArgs(
        account_id=ACCOUNT_ID,
        region=REGION,
        repository="octo-org/octo-repo",
        environments=["dev", "prod"],
        policies={"data": {"Version": "2012-10-17", "Statement": [statement]}},
        bucket_arn="arn:aws:s3:::drydock-state-test",
        key_arn=f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/state",
    )
    return replace(args, **changes)


def route_args(**changes: Any) -> RouteArgs:
    """Return args of a route by path at two listeners."""
    arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT_ID}:listener/app/edge/1"
    args = RouteArgs(
        vpc_id="vpc-1",
        cluster_name="drydock-test",
        pod_port=9000,
        health_path="/ready",
        deregistration_seconds=40,
        listeners={"http": f"{arn}/1", "https": f"{arn}/2"},
        priority=7,
        path_prefix="/shop",
    )
    return replace(args, **changes)


def workload_args(**changes: Any) -> WorkloadArgs:
    """Return args of the service with all defaults."""
    args = WorkloadArgs(
        namespace="drydock",
        app="api",
        service_account="api",
        image=IMAGE_REF,
        server=SERVER,
        worker=WORKER,
        migration=Process(args=("migrate",)),
        config={"DB_HOST": "db.example", "LOG_LEVEL": "info"},
        region=REGION,
        secrets={"API_KEY": SECRET},
        migration_service_account="api-migration",
        migration_secrets={"DB_OWNER_SECRET": MASTER_SECRET},
        target_group_arn=f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT_ID}:targetgroup/pods/1",
        load_balancer_cidrs=["10.0.0.0/16", "10.9.0.0/16"],
        aws_cidrs=["10.0.0.0/16"],
        database_cidrs=["10.0.20.0/22", "10.0.52.0/22"],
    )
    return replace(args, **changes)


COMPONENTS: Mapping[type[pulumi.ComponentResource], tuple[str, Callable[..., Any]]] = {
    Alarms: ("drydock:observability:Alarms", alarms_args),
    Cluster: ("drydock:cluster:Cluster", cluster_args),
    Database: ("drydock:database:Database", database_args),
    DeployIdentities: ("drydock:bootstrap:DeployIdentities", deploy_identities_args),
    Distribution: ("drydock:edge:Distribution", distribution_args),
    Edge: ("drydock:edge:Edge", edge_args),
    Image: ("drydock:image:Image", image_args),
    JobQueue: ("drydock:queue:JobQueue", job_queue_args),
    MountedSecrets: ("drydock:secrets:MountedSecrets", mounted_secrets_args),
    Network: ("drydock:network:Network", network_args),
    NetworkPolicyEngine: ("drydock:cluster:NetworkPolicyEngine", policy_engine_args),
    NodePools: ("drydock:cluster:NodePools", node_pools_args),
    PodLogs: ("drydock:logs:PodLogs", pod_logs_args),
    PodRole: ("drydock:roles:PodRole", pod_role_args),
    Registry: ("drydock:registry:Registry", registry_args),
    Route: ("drydock:edge:Route", route_args),
    StateStore: ("drydock:bootstrap:StateStore", state_store_args),
    Workload: ("drydock:workload:Workload", workload_args),
}
"""Component -> its type token, which is in its URN, and the function that returns its args."""
