"""Scaling of a Workload: its autoscaler, its workers, and the disruption budgets of both."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.autoscaling import v2 as autoscaling
from pulumi_kubernetes.policy import v1 as policy

from components._workload_args import WorkloadArgs
from components.manifests.deployment import Rollout, worker_spec
from components.manifests.place import Place
from components.manifests.pod import PodShape
from components.manifests.scaling import autoscaler_spec, disruption_budget_spec


def rollout_of(args: WorkloadArgs) -> Rollout:
    """Return the durations of a release."""
    return Rollout(
        pre_stop=args.pre_stop_seconds,
        drain=args.drain_seconds,
        shutdown=args.shutdown_seconds,
        min_ready=args.min_ready_seconds,
        progress_deadline=args.progress_deadline_seconds,
    )


def make_workers(
    name: str, args: WorkloadArgs, place: Place, shape: PodShape, opts: pulumi.ResourceOptions
) -> apps.Deployment | None:
    """Create the workers, and a disruption budget if there are several."""
    if args.worker is None:
        return None
    spec = worker_spec(
        shape, args.worker, rollout_of(args), args.worker_replicas, interruptible=args.interruptible_workers
    )
    metadata = place.metadata(f"{args.app}-worker", "worker")
    worker = apps.Deployment(f"{name}-worker", metadata=metadata, spec=spec, opts=opts)
    if args.worker_replicas > 1:
        policy.PodDisruptionBudget(
            f"{name}-worker-budget",
            metadata=metadata,
            spec=disruption_budget_spec(args.app, args.worker_replicas - 1, "worker"),
            opts=pulumi.ResourceOptions(parent=opts.parent, depends_on=[worker]),
        )
    return worker


def make_scaling(name: str, args: WorkloadArgs, place: Place, child: pulumi.ResourceOptions) -> None:
    """Create the autoscaler of the servers, and their disruption budget."""
    autoscaling.HorizontalPodAutoscaler(
        f"{name}-autoscaler",
        metadata=place.metadata(args.app),
        spec=autoscaler_spec(args.app, args.min_replicas, args.max_replicas, args.target_cpu_percent),
        opts=child,
    )
    # With a single replica a budget would block every drain of its node.
    if args.min_replicas > 1:
        policy.PodDisruptionBudget(
            f"{name}-budget",
            metadata=place.metadata(args.app),
            spec=disruption_budget_spec(args.app, args.min_available),
            opts=child,
        )
