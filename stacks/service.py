"""A service and its own resources: role, secrets, queue and pods."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.database import Database
from components.job_queue import JobQueue, JobQueueArgs
from components.mounted_secrets import MountedSecrets, MountedSecretsArgs
from components.order import after
from components.pod_role import PodRole, PodRoleArgs
from components.workload import Workload, WorkloadArgs
from stacks.foundation import Foundation
from stacks.names import Names
from stacks.settings import Settings
from stacks.settings.variables import JOB_VISIBILITY_SECONDS
from stacks.spec import ServiceSpec

JOB_ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service as built."""

    role: PodRole
    mounted: MountedSecrets
    queue: JobQueue | None
    workload: Workload


def build_service(
    spec: ServiceSpec,
    settings: Settings,
    names: Names,
    base: Foundation,
    *,
    image: pulumi.Input[str],
    database: Database,
) -> Service:
    """Create a service on its foundation, from its image by digest and an optional database."""
    role = PodRole(
        spec.logical.role,
        role_args(base, spec.namespace, spec.app, spec.policy),
        pulumi.ResourceOptions.merge(base.on_aws, pulumi.ResourceOptions(aliases=list(spec.role_aliases))),
    )
    mounted = MountedSecrets(spec.logical.secrets, _mounted_args(spec, settings, names, base, role), base.on_aws)
    queue = JobQueue(spec.logical.queue, _queue_args(spec, settings, names, role), base.on_aws) if spec.queue else None
    # Without enforcement policies have no effect, without pools there are no nodes, and a missing role
    # cannot be assumed. The value carries the order, because `depends_on` of a component does not apply to its
    # children.
    namespace = after(spec.namespace, base.policy_engine, base.node_pools, role, *spec.waits_for, mounted)
    args = _workload_args(
        spec, settings, names, base, namespace=namespace, image=image, database=database, mounted=mounted, queue=queue
    )
    workload = Workload(spec.logical.workload, args, pulumi.ResourceOptions(provider=base.kubernetes))
    return Service(role=role, mounted=mounted, queue=queue, workload=workload)


def role_args(
    base: Foundation,
    namespace: str,
    service_account: str,
    policy: pulumi.Input[str] | None,
    *,
    use: str = "reader",
) -> PodRoleArgs:
    """Return the arguments of the role of a ServiceAccount."""
    return PodRoleArgs(
        account_id=base.account_id,
        cluster_name=base.cluster.cluster_name,
        cluster_arn=base.cluster.cluster_arn,
        namespace=namespace,
        service_account=service_account,
        policy=policy,
        use=use,
    )


def _mounted_args(
    spec: ServiceSpec, settings: Settings, names: Names, base: Foundation, role: PodRole
) -> MountedSecretsArgs:
    return MountedSecretsArgs(
        description=f"Secrets of {spec.app} in {names.environment}",
        region=settings.region,
        account_id=base.account_id,
        cluster_name=base.cluster.cluster_name,
        addon_version=settings.cluster.secrets_store_version if spec.driver else None,
        role_name=role.role_name,
        generated=spec.generated,
        existing=spec.existing,
        recovery_window_days=30 if settings.protect else 0,
        protect=settings.protect,
    )


def _queue_args(spec: ServiceSpec, settings: Settings, names: Names, role: PodRole) -> JobQueueArgs:
    return JobQueueArgs(
        description=f"Jobs of {spec.app} in {names.environment}",
        role_id=role.role_name,
        max_receive_count=JOB_ATTEMPTS,
        visibility_timeout_seconds=JOB_VISIBILITY_SECONDS,
        protect=settings.protect,
    )


def _workload_args(
    spec: ServiceSpec,
    settings: Settings,
    names: Names,
    base: Foundation,
    *,
    namespace: pulumi.Output[str],
    image: pulumi.Input[str],
    database: Database,
    mounted: MountedSecrets,
    queue: JobQueue | None,
) -> WorkloadArgs:
    pods, network, migration = spec.pods, base.network, spec.migration
    return WorkloadArgs(
        namespace=namespace,
        app=spec.app,
        service_account=spec.app,
        image=image,
        config={
            "ENVIRONMENT": names.environment,
            "AWS_REGION": settings.region,
            **(_database_config(settings, database, spec.database_user) if spec.database_user else {}),
            **(_queue_config(queue) if queue else {}),
            **spec.config,
        },
        region=settings.region,
        secrets=mounted.arns,
        server=spec.server,
        port=spec.port,
        migration=migration.process if migration else None,
        migration_service_account=migration.service_account if migration else None,
        migration_secrets=migration.secrets if migration else {},
        migration_config=migration.config if migration else {},
        schemas=spec.schemas,
        pods_wait_for=spec.pods_wait_for,
        database_authorities=spec.database_authorities,
        worker=spec.worker.process if spec.worker else None,
        worker_replicas=spec.worker.replicas if spec.worker else 0,
        interruptible_workers=settings.cluster.spot_workers,
        target_group_arn=spec.target_group_arn,
        load_balancer_cidrs=network.public_cidrs,
        aws_cidrs=[network.vpc_cidr] if queue else [],
        database_cidrs=network.database_cidrs if spec.database_user else [],
        credentials=bool(queue or spec.database_user),
        dependency_ports=spec.dependency_ports,
        admin_port=spec.admin_port,
        admin_namespaces=spec.admin_namespaces,
        min_replicas=pods.min_replicas,
        max_replicas=pods.max_replicas,
        target_cpu_percent=pods.target_cpu_percent,
        min_available=pods.min_available,
        cpu_request=pods.cpu_request,
        memory_request=pods.memory_request,
        memory_limit=pods.memory_limit,
        pre_stop_seconds=pods.pre_stop_seconds,
        drain_seconds=spec.drain_seconds,
        shutdown_seconds=pods.shutdown_seconds,
        min_ready_seconds=pods.min_ready_seconds,
        progress_deadline_seconds=pods.progress_deadline_seconds,
    )


def _database_config(settings: Settings, database: Database, user: str) -> Mapping[str, pulumi.Input[str]]:
    return {
        "DB_HOST": database.host,
        "DB_PORT": database.port.apply(str),
        "DB_NAME": database.database_name,
        "DB_USER": user,
        "DB_AUTH": "iam",
        "DB_SSLMODE": settings.database.ssl_mode,
    }


def _queue_config(queue: JobQueue) -> Mapping[str, pulumi.Input[str]]:
    return {
        "QUEUE_URL": queue.queue_url,
        "DEAD_LETTER_QUEUE_URL": queue.dead_letter_queue_url,
        "JOB_MAX_ATTEMPTS": str(JOB_ATTEMPTS),
        "JOB_VISIBILITY_SECONDS": str(JOB_VISIBILITY_SECONDS),
    }
