"""What a Workload is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.manifests.pod import CONTAINER_PORT
from components.manifests.process import Process


@dataclass(frozen=True, kw_only=True)
class WorkloadArgs:
    """What a Workload is made from."""

    namespace: pulumi.Input[str]
    """Namespace, made for this workload alone. What its value waits for, the whole workload waits for."""

    app: str
    """Name of the Deployment, the Service and all that belongs to them."""

    service_account: str
    """Name of the ServiceAccount. Its API token is not mounted."""

    image: pulumi.Input[str]
    """Image by digest, `repository@sha256:…`."""

    server: Process
    """The server, which listens on `port`."""

    config: Mapping[str, pulumi.Input[str]]
    """Settings of the service as environment variables. Nothing secret."""

    region: str
    """AWS region of the cluster."""

    secrets: Mapping[str, pulumi.Input[str]]
    """Settings mounted as files: ARN of a secret in Secrets Manager by the name of the file. The pods' role reads them,
    by Pod Identity, and the service reads a changed file again by itself."""

    target_group_arn: pulumi.Input[str]
    """Target group of the load balancer, whose listeners are there once its value is."""

    load_balancer_cidrs: pulumi.Input[Sequence[str]]
    """Addresses of the load balancer; only they reach the servers."""

    aws_cidrs: Sequence[pulumi.Input[str]]
    """Addresses of the AWS endpoints inside the VPC; none for a service that asks AWS for nothing."""

    database_cidrs: pulumi.Input[Sequence[str]]
    """Addresses of the database, none for a service without one. Pods reach it, DNS, AWS endpoints and
    `dependency_ports`, and nothing else."""

    credentials: bool = True
    """Whether pods reach the agent of EKS Pod Identity, which gives them the credentials of their role."""

    migration: Process | None = None
    """What brings the database to what the release needs, before any pod of it starts."""

    migration_service_account: str | None = None
    """Name of the ServiceAccount of the migration, which may have more rights than the service. None: it has that of
    the service, with the same secrets."""

    migration_secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Settings mounted as files of a migration with an account of its own, like `secrets`; it mounts no others."""

    migration_config: Mapping[str, str] = field(default_factory=dict)
    """Settings of the migration in place of those in `config`."""

    schemas: Mapping[str, Process] = field(default_factory=dict)
    """What makes the schemas of other services in the database, by their names: Jobs with the account, the secrets and
    the settings of the migration, after it."""

    database_authorities: str | None = None
    """Certificates, PEM, that pods trust for the database, as the file that `PGSSLROOTCERT` names; None: those of the
    image."""

    worker: Process | None = None
    """What does the jobs; it declares no port."""

    port: int = CONTAINER_PORT
    """TCP port of the servers, which is their setting `PORT`."""

    dependency_ports: Sequence[int] = ()
    """TCP ports of other things that the service calls, at whatever address."""

    admin_port: int | None = None
    """TCP port that serves the paths for operators in place of the public one; None: the public port has them."""

    admin_namespaces: Sequence[str] = ()
    """Namespaces whose pods reach `admin_port`, and `port` of workers that have probes."""

    min_replicas: int = 3
    """Servers there are at least."""

    max_replicas: int = 10
    """Servers there are at most."""

    worker_replicas: int = 2
    """Workers there are; with more than one, evictions leave all but one of them."""

    interruptible_workers: bool = False
    """Prefer spot instances for the workers, which go at two minutes' notice: a job that is cut off is done again."""

    target_cpu_percent: int = 60
    """Average CPU, in percent of the request, that the autoscaler aims at."""

    min_available: int = 2
    """Servers that evictions leave ready; fewer than `min_replicas`. With one replica there is no such budget."""

    cpu_request: str = "250m"
    """CPU a pod is sure of. There is no CPU limit."""

    memory_request: str = "256Mi"
    """Memory a pod is sure of."""

    memory_limit: str = "512Mi"
    """Memory above which a pod is killed."""

    pre_stop_seconds: int = 15
    """Seconds a stopping pod serves on as before, until load balancers know."""

    drain_seconds: int = 5
    """Seconds it then goes on serving, not ready."""

    shutdown_seconds: int = 20
    """Seconds that requests in flight then may take."""

    min_ready_seconds: int = 10
    """Seconds a new pod has to be ready before the next one is replaced."""

    progress_deadline_seconds: int = 600
    """Seconds without progress after which a release has failed."""
