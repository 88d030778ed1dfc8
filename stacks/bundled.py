"""The bundled service: `drydock:service` as a service like the others, with its own names."""

import pulumi

from components._iam import read_secret
from components.database import Database
from components.edge import Edge
from components.manifests.pod import CONTAINER_PORT
from components.manifests.process import Probes, Process
from components.pod_role import PodRole
from stacks.database import database_policy
from stacks.edge import edge_config
from stacks.foundation import Foundation
from stacks.names import APP, DATABASE_USER, MIGRATION, NAMESPACE, database_role
from stacks.service import role_args
from stacks.settings import Settings
from stacks.settings.service import AuthSettings
from stacks.settings.services import NamedServiceSettings
from stacks.spec import Logical, Migration, ServiceSpec, Worker

FAULT_TOKEN = "FAULT_TOKEN"  # noqa: S105 (a setting's name)
# A server can serve some requests without its database, and reports that itself: it serves requests before it is
# ready. A worker cannot.
SERVER = Process(
    args=("serve",),
    probes=Probes(startup="/health/startup", readiness="/health/serving", liveness="/health/live"),
)
WORKER: Process | None = Process(
    args=("worker",), probes=Probes(startup="/health/startup", readiness="/health/ready", liveness="/health/live")
)
"""The process of the workers; None: the service has no jobs."""


def bundled_spec(settings: Settings, base: Foundation, database: Database, edge: Edge) -> ServiceSpec:
    """Specify the bundled service, and create the role of its migration, which has more permissions."""
    wanted = settings.service
    return ServiceSpec(
        app=APP,
        namespace=NAMESPACE,
        waits_for=[_migration_role(settings, base, database)],
        logical=Logical(role="app-secrets", secrets="mounted-secrets", queue="jobs", workload="workload"),
        # It contained a secret in the past: the name and the alias keep the role of stacks deployed at that time.
        role_aliases=[pulumi.Alias(type_="drydock:secrets:AppSecrets")],
        policy=database_policy(settings, base, database, DATABASE_USER),
        config={
            "LOG_LEVEL": wanted.log_level,
            "MAX_CONNECTIONS": str(wanted.max_connections),
            "RATE_LIMIT_PER_SECOND": str(wanted.rate_limit_per_second),
            **edge_config(settings, base),
            **(_auth(wanted.auth) if wanted.auth else {}),
            **wanted.environment,
            **_optional(UPSTREAM_URL=wanted.upstream_url, OTEL_EXPORTER_OTLP_ENDPOINT=wanted.otlp_endpoint),
        },
        pods=wanted,
        server=SERVER,
        port=CONTAINER_PORT,
        target_group_arn=edge.target_group_arn,
        drain_seconds=wanted.drain_seconds,
        database_user=DATABASE_USER,
        queue=True,
        worker=Worker(process=WORKER, replicas=wanted.worker_replicas) if WORKER else None,
        migration=Migration(
            process=Process(args=("migrate",)),
            service_account=MIGRATION,
            secrets={"DB_OWNER_SECRET": database.master_secret_arn},
        ),
        schemas={name: schema_of(name, each) for name, each in settings.services.items() if each.database},
        generated=[FAULT_TOKEN] if wanted.fault_injection else [],
        existing=wanted.secrets,
        driver=True,
        dependency_ports=wanted.dependency_ports,
        admin_port=wanted.admin_port,
        admin_namespaces=wanted.admin_namespaces,
    )


def _migration_role(settings: Settings, base: Foundation, database: Database) -> PodRole:
    policy = pulumi.Output.all(database.master_secret_arn, database.master_key_arn).apply(
        lambda known: read_secret(known[0], known[1], settings.region)
    )
    return PodRole("migration", role_args(base, NAMESPACE, MIGRATION, policy), base.on_aws)


def schema_of(name: str, service: NamedServiceSettings) -> Process:
    """Return the process that creates role and schema of another service, whose own image has no such permissions."""
    limit = str(service.connections)
    more = ("--migration",) if service.migration else ()
    return Process(args=("schema", database_role(name), "--connections", limit, *more))


def _auth(auth: AuthSettings) -> dict[str, str]:
    return {"AUTH_JWKS_URL": auth.jwks_url, "AUTH_ISSUER": auth.issuer, "AUTH_AUDIENCE": auth.audience}


def _optional(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
