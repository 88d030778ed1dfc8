"""Workload: the service on Kubernetes, from its namespace to the target group of its load balancer.

Creates the namespace with its Pod Security level, network policies, ServiceAccount, ConfigMap and the
SecretProviderClass of its mounted secrets; runs the migration, if there is one; binds a Service to the target group;
then the servers with their autoscaler and disruption budget, and the workers, if any. It creates no RBAC roles: the
service does not use the Kubernetes API.
"""

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.core import v1 as core

from components._jobs import MigrationJob, make_job, migration_name, schema_name
from components._network_policies import make_network_policies
from components._pod_shape import make_migration_shape, make_pod_shape
from components._scaling import make_scaling, make_workers, rollout_of
from components._workload_args import WorkloadArgs
from components.manifests.deployment import deployment_spec
from components.manifests.job import DEADLINE_SECONDS
from components.manifests.labels import namespace_labels
from components.manifests.place import Place
from components.manifests.service import ANNOTATIONS as SERVICE_ANNOTATIONS
from components.manifests.service import SERVICE_PORT, service_spec
from components.manifests.target_group_binding import API_VERSION, KIND, binding_spec

__all__ = ["Workload", "WorkloadArgs"]

AWAIT_MARGIN_SECONDS = 120  # Kubernetes decides whether a rollout has failed; Pulumi must wait longer


class Workload(pulumi.ComponentResource):
    """The service on Kubernetes, with migration, rolling updates, autoscaling and network policies."""

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
        migrating = make_migration_shape(name, shape, args, place, child)
        migrated = [*policies, *args.pods_wait_for]
        if args.migration:
            job = MigrationJob(f"{name}-migration", migration_name(args.app, args.image), args.migration)
            migrated = [make_job(job, migrating, place, _after(child, migrated, DEADLINE_SECONDS))]
        # By the names of the other services. Resources, not outputs: resources that need a schema wait for its Job.
        self.schemas = {
            each: make_job(
                MigrationJob(f"{name}-schema-{each}", schema_name(args.app, each, process, args.image), process),
                migrating,
                place,
                _after(child, migrated, DEADLINE_SECONDS),
            )
            for each, process in args.schemas.items()
        }
        binding = _bound_service(name, args, place, child)
        deployment = apps.Deployment(
            f"{name}-deployment",
            metadata=place.metadata(args.app),
            spec=deployment_spec(shape, args.server, rollout_of(args)),
            # The old pods keep serving until the database is ready for the new ones. A pod that is created before the
            # binding has no readiness gate.
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
        # The target group of a binding cannot be changed, and another port of the service needs another target group:
        # https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/webhooks/elbv2/targetgroupbinding_validator.go
        opts=pulumi.ResourceOptions.merge(
            child,
            pulumi.ResourceOptions(
                depends_on=[service], replace_on_changes=["spec.targetGroupARN"], delete_before_replace=True
            ),
        ),
    )


def _after(child: pulumi.ResourceOptions, resources: Sequence[pulumi.Resource], seconds: int) -> pulumi.ResourceOptions:
    wait = f"{seconds + AWAIT_MARGIN_SECONDS}s"
    timeouts = pulumi.CustomTimeouts(create=wait, update=wait)
    return pulumi.ResourceOptions(parent=child.parent, depends_on=list(resources), custom_timeouts=timeouts)
