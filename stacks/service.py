"""The service and what is its own: database, image, credentials, queue, workload."""

from dataclasses import dataclass

import pulumi
import pulumi_docker_build as docker_build

from components._iam import connect_database, read_secret
from components.database import Database, DatabaseArgs
from components.edge import Edge
from components.image import BuildContext, Image
from components.job_queue import JobQueue, JobQueueArgs
from components.mounted_secrets import MountedSecrets, MountedSecretsArgs
from components.order import after
from components.pod_role import PodRole, PodRoleArgs
from components.workload import Workload, WorkloadArgs
from stacks.alarms import build_alarms
from stacks.deployed import Deployed
from stacks.edge import build_edge, edge_config
from stacks.foundation import Foundation
from stacks.image import build_image
from stacks.names import APP, DATABASE_USER, MIGRATION, NAMESPACE, Names
from stacks.settings import Settings
from stacks.settings.service import AuthSettings

JOB_ATTEMPTS = 5
JOB_VISIBILITY_SECONDS = 60  # more than the service's time for one attempt
FAULT_TOKEN = "FAULT_TOKEN"  # noqa: S105 (a setting's name)
PLATFORMS = {"amd64": docker_build.Platform.LINUX_AMD64, "arm64": docker_build.Platform.LINUX_ARM64}


@dataclass(frozen=True, kw_only=True)
class Service:
    """The service as built."""

    database: Database
    image: Image
    role: PodRole
    queue: JobQueue
    edge: Edge
    workload: Workload
    database_url: pulumi.Output[str]
    """How the service reaches its database: without a password, which it does not have."""


def build_service(
    settings: Settings, names: Names, base: Foundation, context: BuildContext, deployed: Deployed
) -> Service:
    """Make the service on its foundation, from what its image is built from and what is deployed already."""
    database = Database("database", _database_args(settings, names, base), base.on_aws)
    platform = PLATFORMS[settings.cluster.architecture]
    image = build_image(names, base.registry, base.aws, context, deployed, platform=platform)
    role = _service_role(settings, base, database)
    migration = _migration_role(settings, base, database)
    mounted = MountedSecrets("mounted-secrets", _mounted_args(settings, names, base, role), base.on_aws)
    queue = JobQueue("jobs", _queue_args(settings, names, role), base.on_aws)
    # Policies that are not enforced protect nothing, without pools there are no nodes, and a role that is not there
    # cannot be taken. The value carries the order, because a component's `depends_on` would not reach its children.
    namespace = after(NAMESPACE, base.policy_engine, base.node_pools, role, migration, mounted)
    edge = build_edge(settings, names, base)
    args = _workload_args(
        settings, names, database, image, queue, namespace=namespace, base=base, edge=edge, mounted=mounted
    )
    workload = Workload("workload", args, pulumi.ResourceOptions(provider=base.kubernetes))
    base.registry.add_lifecycle(after(image.tag, workload))
    build_alarms(settings, names, base, edge=edge, database=database, queue=queue)
    url = pulumi.Output.format("postgresql://{0}@{1}/{2}", DATABASE_USER, database.endpoint, database.database_name)
    return Service(
        database=database, image=image, role=role, queue=queue, edge=edge, workload=workload, database_url=url
    )


def _database_args(settings: Settings, names: Names, base: Foundation) -> DatabaseArgs:
    wanted = settings.database
    return DatabaseArgs(
        identifier=names.database,
        vpc_id=base.network.vpc_id,
        subnet_ids=base.network.database_subnet_ids,
        client_security_group_id=base.cluster.security_group_id,
        engine_version=wanted.engine_version,
        instance_class=wanted.instance_class,
        allocated_storage_gib=wanted.allocated_storage_gib,
        max_allocated_storage_gib=wanted.max_allocated_storage_gib,
        multi_az=wanted.multi_az,
        max_connections=wanted.max_connections,
        backup_retention_days=wanted.backup_retention_days,
        log_retention_days=wanted.log_retention_days,
        existing_log_groups=base.log_groups,
        performance_insights=wanted.performance_insights,
        apply_immediately=wanted.apply_immediately,
        allow_major_version_upgrade=wanted.allow_major_version_upgrade,
        deletion_protection=wanted.deletion_protection,
        skip_final_snapshot=wanted.skip_final_snapshot,
        protect=settings.protect,
    )


def _service_role(settings: Settings, base: Foundation, database: Database) -> PodRole:
    policy = pulumi.Output.all(base.account_id, database.resource_id).apply(
        lambda known: connect_database(settings.region, known[0], known[1], DATABASE_USER)
    )
    # Its name and the alias are from when it held a secret too, and keep the role of stacks that were deployed then.
    old = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="drydock:secrets:AppSecrets")])
    opts = pulumi.ResourceOptions.merge(base.on_aws, old)
    return PodRole("app-secrets", _role_args(base, APP, policy), opts)


def _migration_role(settings: Settings, base: Foundation, database: Database) -> PodRole:
    policy = pulumi.Output.all(database.master_secret_arn, database.master_key_arn).apply(
        lambda known: read_secret(known[0], known[1], settings.region)
    )
    return PodRole("migration", _role_args(base, MIGRATION, policy), base.on_aws)


def _role_args(base: Foundation, service_account: str, policy: pulumi.Output[str]) -> PodRoleArgs:
    return PodRoleArgs(
        account_id=base.account_id,
        cluster_name=base.cluster.cluster_name,
        cluster_arn=base.cluster.cluster_arn,
        namespace=NAMESPACE,
        service_account=service_account,
        policy=policy,
    )


def _mounted_args(settings: Settings, names: Names, base: Foundation, role: PodRole) -> MountedSecretsArgs:
    return MountedSecretsArgs(
        description=f"Secrets of {APP} in {names.environment}",
        region=settings.region,
        account_id=base.account_id,
        cluster_name=base.cluster.cluster_name,
        addon_version=settings.cluster.secrets_store_version,
        role_name=role.role_name,
        generated=[FAULT_TOKEN] if settings.service.fault_injection else [],
        existing=settings.service.secrets,
        recovery_window_days=_recovery_days(settings),
        protect=settings.protect,
    )


def _recovery_days(settings: Settings) -> int:
    return 30 if settings.protect else 0


def _queue_args(settings: Settings, names: Names, role: PodRole) -> JobQueueArgs:
    return JobQueueArgs(
        description=f"Jobs of {APP} in {names.environment}",
        role_id=role.role_name,
        max_receive_count=JOB_ATTEMPTS,
        visibility_timeout_seconds=JOB_VISIBILITY_SECONDS,
        protect=settings.protect,
    )


def _workload_args(
    settings: Settings,
    names: Names,
    database: Database,
    image: Image,
    queue: JobQueue,
    *,
    namespace: pulumi.Output[str],
    base: Foundation,
    edge: Edge,
    mounted: MountedSecrets,
) -> WorkloadArgs:
    wanted, network = settings.service, base.network
    return WorkloadArgs(
        namespace=namespace,
        app=APP,
        service_account=APP,
        image=image.ref,
        config={
            "DB_HOST": database.host,
            "DB_PORT": database.port.apply(str),
            "DB_NAME": database.database_name,
            "DB_USER": DATABASE_USER,
            "DB_AUTH": "iam",
            "DB_SSLMODE": settings.database.ssl_mode,
            "ENVIRONMENT": names.environment,
            "LOG_LEVEL": wanted.log_level,
            "MAX_CONNECTIONS": str(wanted.max_connections),
            "RATE_LIMIT_PER_SECOND": str(wanted.rate_limit_per_second),
            "AWS_REGION": settings.region,
            "QUEUE_URL": queue.queue_url,
            "DEAD_LETTER_QUEUE_URL": queue.dead_letter_queue_url,
            "JOB_MAX_ATTEMPTS": str(JOB_ATTEMPTS),
            "JOB_VISIBILITY_SECONDS": str(JOB_VISIBILITY_SECONDS),
            **edge_config(base),
            **(_auth(wanted.auth) if wanted.auth else {}),
            **wanted.environment,
            **_optional(UPSTREAM_URL=wanted.upstream_url, OTEL_EXPORTER_OTLP_ENDPOINT=wanted.otlp_endpoint),
        },
        region=settings.region,
        secrets=mounted.arns,
        migration_service_account=MIGRATION,
        migration_secrets={"DB_OWNER_SECRET": database.master_secret_arn},
        target_group_arn=edge.target_group_arn,
        load_balancer_cidrs=network.public_cidrs,
        aws_cidrs=[network.vpc_cidr],
        database_cidrs=network.database_cidrs,
        dependency_ports=wanted.dependency_ports,
        admin_port=wanted.admin_port,
        admin_namespaces=wanted.admin_namespaces,
        min_replicas=wanted.min_replicas,
        max_replicas=wanted.max_replicas,
        worker_replicas=wanted.worker_replicas,
        interruptible_workers=settings.cluster.spot_workers,
        target_cpu_percent=wanted.target_cpu_percent,
        min_available=wanted.min_available,
        cpu_request=wanted.cpu_request,
        memory_request=wanted.memory_request,
        memory_limit=wanted.memory_limit,
        pre_stop_seconds=wanted.pre_stop_seconds,
        drain_seconds=wanted.drain_seconds,
        shutdown_seconds=wanted.shutdown_seconds,
        min_ready_seconds=wanted.min_ready_seconds,
        progress_deadline_seconds=wanted.progress_deadline_seconds,
    )


def _auth(auth: AuthSettings) -> dict[str, str]:
    return {"AUTH_JWKS_URL": auth.jwks_url, "AUTH_ISSUER": auth.issuer, "AUTH_AUDIENCE": auth.audience}


def _optional(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
