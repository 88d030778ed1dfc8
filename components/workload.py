"""Workload: the service on Kubernetes, from its namespace to the target group of its load balancer.

Creates the namespace with its Pod Security level, network policies, ServiceAccount, ConfigMap and the
SecretProviderClass of its mounted secrets; runs the migration, if there is one; binds a Service to the target group;
then the servers with their autoscaler and disruption budget, and the workers, if there are any. It makes no roles: the
service does not talk to the Kubernetes API.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.batch import v1 as batch
from pulumi_kubernetes.core import v1 as core

from components._network_policies import make_network_policies
from components._pod_shape import make_migration_shape, make_pod_shape
from components._scaling import make_scaling, make_workers, rollout_of
from components.manifests.deployment import deployment_spec
from components.manifests.job import ANNOTATIONS, DEADLINE_SECONDS, migration_name, migration_spec
from components.manifests.labels import namespace_labels
from components.manifests.place import Place
from components.manifests.pod import CONTAINER_PORT, PodShape
from components.manifests.process import Process
from components.manifests.service import ANNOTATIONS as SERVICE_ANNOTATIONS
from components.manifests.service import SERVICE_PORT, service_spec
from components.manifests.target_group_binding import API_VERSION, KIND, binding_spec

AWAIT_MARGIN_SECONDS = 120  # Kubernetes decides whether a rollout has failed; Pulumi waits for its verdict


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


class Workload(pulumi.ComponentResource):
    """The service on Kubernetes: migrated, rolled out without a gap, autoscaled, confined."""

    namespace: pulumi.Output[str]
    """Name of the namespace."""

    deployment_name: pulumi.Output[str]
    """Name of the servers' Deployment, known once its pods are available."""

    worker_name: pulumi.Output[str]
    """Name of the workers' Deployment, known once its pods are available; empty where there are none."""

    def __init__(self, name: str, args: WorkloadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:workload:Workload", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)

        namespace = core.Namespace(
            f"{name}-namespace",
            metadata={"name": args.namespace, "labels": namespace_labels()},
            opts=child,
        )
        place = Place(namespace.metadata.apply(lambda meta: meta.name or ""), args.app)
        policies = make_network_policies(name, args, place, child)
        shape = make_pod_shape(name, args, place, child)
        migrated = policies
        if args.migration:
            migrating = (args.migration, make_migration_shape(name, shape, args, place, child))
            migrated = [_migration(name, args, place, migrating, _after(child, policies, DEADLINE_SECONDS))]
        binding = _bound_service(name, args, place, child)
        deployment = apps.Deployment(
            f"{name}-deployment",
            metadata=place.metadata(args.app),
            spec=deployment_spec(shape, args.server, rollout_of(args)),
            # The old pods serve on until the database is ready for the new ones. A pod that is made before the binding
            # has no readiness gate.
            opts=_after(child, [*migrated, binding], args.progress_deadline_seconds),
        )
        worker = make_workers(name, args, place, shape, _after(child, migrated, args.progress_deadline_seconds))
        make_scaling(name, args, place, pulumi.ResourceOptions(parent=self, depends_on=[deployment]))

        self.namespace = place.namespace
        self.deployment_name = deployment.metadata.apply(lambda meta: meta.name or "")
        self.worker_name = (
            worker.metadata.apply(lambda meta: meta.name or "") if worker else pulumi.Output.from_input("")
        )
        self.register_outputs(
            {
                "namespace": self.namespace,
                "deployment_name": self.deployment_name,
                "worker_name": self.worker_name,
            }
        )


def _migration(
    name: str, args: WorkloadArgs, place: Place, migrating: tuple[Process, PodShape], opts: pulumi.ResourceOptions
) -> batch.Job:
    process, shape = migrating
    return batch.Job(
        f"{name}-migration",
        metadata=place.metadata(
            pulumi.Output.from_input(args.image).apply(lambda ref: migration_name(args.app, ref)),
            "migration",
            ANNOTATIONS,
        ),
        spec=migration_spec(shape, process),
        opts=opts,
    )


def _bound_service(name: str, args: WorkloadArgs, place: Place, child: pulumi.ResourceOptions) -> CustomResource:
    service = core.Service(
        f"{name}-service",
        metadata=place.metadata(args.app, annotations=SERVICE_ANNOTATIONS),
        spec=service_spec(args.app),
        opts=child,
    )
    return CustomResource(
        f"{name}-binding",
        api_version=API_VERSION,
        kind=KIND,
        metadata=place.metadata(args.app),
        spec=binding_spec(args.app, SERVICE_PORT, args.target_group_arn),
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[service])),
    )


def _after(child: pulumi.ResourceOptions, resources: Sequence[pulumi.Resource], seconds: int) -> pulumi.ResourceOptions:
    wait = f"{seconds + AWAIT_MARGIN_SECONDS}s"
    timeouts = pulumi.CustomTimeouts(create=wait, update=wait)
    return pulumi.ResourceOptions(parent=child.parent, depends_on=list(resources), custom_timeouts=timeouts)
