"""The specification of a service, from which `stacks/service.py` creates its resources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.manifests.process import Process
from stacks.settings.pods import PodSettings


@dataclass(frozen=True, kw_only=True)
class Logical:
    """Logical names of the components of a service. They must not change, because another name replaces the
    resource."""

    role: str
    secrets: str
    queue: str
    workload: str


@dataclass(frozen=True, kw_only=True)
class Worker:
    """The pods that do jobs."""

    process: Process
    replicas: int


@dataclass(frozen=True, kw_only=True)
class Migration:
    """A Job that runs once for each release, before its pods start."""

    process: Process
    service_account: str | None = None
    """ServiceAccount of the migration. None: the service's own, with its role and secrets."""
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """ARNs of the secrets of a ServiceAccount of its own, by file."""
    config: Mapping[str, str] = field(default_factory=dict)
    """Environment variables in place of those of the service."""


@dataclass(frozen=True, kw_only=True)
class ServiceSpec:
    """A service."""

    app: str
    """Name of the Deployment, the ServiceAccount and all that belongs to them."""
    namespace: str
    """Kubernetes namespace of its own."""
    waits_for: Sequence[pulumi.Resource] = ()
    """Resources that are created before its namespace, and never replaced: the namespace would be replaced too."""
    pods_wait_for: Sequence[pulumi.Resource] = ()
    """Resources that are created before its pods, and may be replaced."""
    logical: Logical
    role_aliases: Sequence[pulumi.Alias] = ()
    """Earlier types of its role's component."""
    policy: pulumi.Input[str] | None
    """What its pods may do on AWS, beside reading its secrets and using its queue; None: nothing."""
    config: Mapping[str, pulumi.Input[str]]
    """Environment variables, beside those of stack, database and queue."""
    pods: PodSettings
    server: Process
    """The process that answers requests."""
    port: int
    """TCP port of the servers."""
    target_group_arn: pulumi.Input[str]
    """ARN of the target group of its servers, known once the listeners or rules exist."""
    drain_seconds: int = 0
    """Seconds that a stopping pod goes on serving, not ready, after SIGTERM."""
    database_user: str | None
    """The role of PostgreSQL that its pods sign in as; None: they do not reach the database."""
    queue: bool
    """Whether it has a queue."""
    worker: Worker | None
    migration: Migration | None
    schemas: Mapping[str, Process] = field(default_factory=dict)
    """Processes that create the schemas of other services, by service name; they use the ServiceAccount of the
    migration."""
    database_authorities: str | None = None
    """Certificates, PEM, that its pods trust for the database, as a file; None: those of its image."""
    generated: Sequence[str] = ()
    """Secrets that are generated, by file."""
    existing: Mapping[str, str]
    """Names of secrets that exist, by file."""
    driver: bool
    """Whether this service installs the add-on that mounts secrets; exactly one service of a cluster does."""
    dependency_ports: Sequence[int] = ()
    """TCP ports of what it calls outside of the stack."""
    admin_port: int | None = None
    """TCP port of the paths for operators; None: they are on `port`."""
    admin_namespaces: Sequence[str] = ()
    """Namespaces whose pods reach `admin_port`."""
