"""Arguments of a Workload."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.manifests.pod import CONTAINER_PORT
from components.manifests.process import Process


@dataclass(frozen=True, kw_only=True)
class WorkloadArgs:
    """Arguments of a Workload."""

    namespace: pulumi.Input[str]
    """Namespace, created for this workload. The whole workload waits for whatever this value waits for."""

    app: str
    """Name of the Deployment, the Service and their related objects."""

    service_account: str
    """Name of the ServiceAccount. Its API token is not mounted."""

    image: pulumi.Input[str]
    """Image by digest, `repository@sha256:…`."""

    server: Process
    """The server, which listens on `port`."""

    config: Mapping[str, pulumi.Input[str]]
    """Settings of the service as environment variables, none of them secret."""

    region: str
    """AWS region of the cluster."""

    secrets: Mapping[str, pulumi.Input[str]]
    """Settings mounted as files: ARN of a secret in Secrets Manager by file name. The role of the pods reads them,
    by Pod Identity, and the service reads changed files again."""

    target_group_arn: pulumi.Input[str]
    """ARN of the target group of the load balancer; it must be known only after the listeners exist."""

    load_balancer_cidrs: pulumi.Input[Sequence[str]]
    """Addresses of the load balancer, the only ones that reach the servers."""

    aws_cidrs: Sequence[pulumi.Input[str]]
    """Addresses of the AWS endpoints inside the VPC; empty for a service that does not call AWS."""

    database_cidrs: pulumi.Input[Sequence[str]]
    """Addresses of the database; empty for a service without one. Pods reach only it, DNS, AWS endpoints and
    `dependency_ports`."""

    credentials: bool = True
    """Whether pods may reach the EKS Pod Identity agent, which provides the credentials of their role."""

    migration: Process | None = None
    """Process that migrates the database before the pods of the release start."""

    migration_service_account: str | None = None
    """Name of the ServiceAccount of the migration, which may have more permissions than the service. None: that of
    the service, with the same secrets."""

    migration_secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Like `secrets`, for a migration with its own ServiceAccount; it mounts no others."""

    migration_config: Mapping[str, str] = field(default_factory=dict)
    """Settings of the migration that override `config`."""

    schemas: Mapping[str, Process] = field(default_factory=dict)
    """Processes that create the schemas of other services in the database, by service name. They run as Jobs with the
    ServiceAccount, secrets and settings of the migration, after it."""

    pods_wait_for: Sequence[pulumi.Resource] = ()
    """Resources that exist before the pods, such as the Job that creates their schema. If one of them is replaced, the
    pods are not: that is why `namespace` must not be known only after it."""

    database_authorities: str | None = None
    """PEM certificates that pods trust for the database, mounted as the file `PGSSLROOTCERT`; None: those of the
    image."""

    worker: Process | None = None
    """Process that runs the jobs; it declares no port."""

    port: int = CONTAINER_PORT
    """TCP port of the servers, which is their setting `PORT`."""

    dependency_ports: Sequence[int] = ()
    """TCP ports of other dependencies of the service, at any address."""

    admin_port: int | None = None
    """Separate TCP port of the operators' paths; None: the public port serves them."""

    admin_namespaces: Sequence[str] = ()
    """Namespaces whose pods may reach `admin_port`, and `port` of workers with probes."""

    min_replicas: int = 3
    """Minimum number of servers."""

    max_replicas: int = 10
    """Maximum number of servers."""

    worker_replicas: int = 2
    """Number of workers; with more than one, an eviction may stop one at a time."""

    interruptible_workers: bool = False
    """Prefer spot instances for the workers. They are interrupted with two minutes' notice; interrupted jobs are
    retried."""

    target_cpu_percent: int = 60
    """Target of the autoscaler: average CPU in percent of the request."""

    min_available: int = 2
    """Servers that evictions must leave ready; fewer than `min_replicas`. Not used with one replica."""

    cpu_request: str = "250m"
    """CPU request of a pod. There is no CPU limit."""

    memory_request: str = "256Mi"
    """Memory request of a pod."""

    memory_limit: str = "512Mi"
    """Memory limit of a pod."""

    pre_stop_seconds: int = 15
    """Seconds of the preStop hook: a stopping pod serves as before until load balancers have deregistered it."""

    drain_seconds: int = 5
    """Seconds that it then continues to serve while not ready."""

    shutdown_seconds: int = 20
    """Seconds that requests in flight may then take."""

    min_ready_seconds: int = 10
    """Seconds that a new pod must be ready before the next one is replaced."""

    progress_deadline_seconds: int = 600
    """Seconds without progress after which a release fails."""
