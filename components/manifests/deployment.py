"""The Deployments of server and worker: pods are replaced one by one, and the number of ready pods never drops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.manifests.labels import labels, selector
from components.manifests.node_pool import CAPACITY_TYPE, STEADY_NODES
from components.manifests.pod import (
    ADMIN_PORT_NAME,
    PORT_NAME,
    PodShape,
    container,
    pod_spec,
    termination_grace_seconds,
)
from components.manifests.process import Process

if TYPE_CHECKING:
    from pulumi_kubernetes.apps import v1 as apps
    from pulumi_kubernetes.core import v1 as core


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """The durations of a release, in seconds."""

    pre_stop: int
    drain: int
    shutdown: int
    min_ready: int
    progress_deadline: int


def deployment_spec(shape: PodShape, process: Process, rollout: Rollout) -> apps.DeploymentSpecArgsDict:
    """Specify the servers. `replicas` is not set, because the autoscaler manages it."""
    server = container(shape, "server", process)
    server["ports"] = [
        {"name": PORT_NAME, "container_port": shape.port},
        *([{"name": ADMIN_PORT_NAME, "container_port": shape.admin_port}] if shape.admin_port else []),
    ]
    if probes := process.probes:
        server["startup_probe"] = _probe(probes.startup, period=1, failures=60)
        server["readiness_probe"] = _probe(probes.readiness, period=2, failures=2)
        server["liveness_probe"] = _probe(probes.liveness, period=10, failures=3)
    # Load balancers need time to deregister the pod; until then it must serve as before.
    server["lifecycle"] = {"pre_stop": {"sleep": {"seconds": rollout.pre_stop}}}
    pod = pod_spec(shape, server)
    pod["node_selector"] = dict(STEADY_NODES)
    pod["termination_grace_period_seconds"] = termination_grace_seconds(
        rollout.pre_stop, rollout.drain, rollout.shutdown
    )
    return _spec(shape.app, "server", pod, rollout)


def worker_spec(
    shape: PodShape, process: Process, rollout: Rollout, replicas: int, *, interruptible: bool
) -> apps.DeploymentSpecArgsDict:
    """Specify the workers. Only the kubelet calls them, so they need no preStop hook and declare no port."""
    worker = container(shape, "worker", process)
    if probes := process.probes:
        worker["startup_probe"] = _probe(probes.startup, shape.port, period=1, failures=60)
        worker["readiness_probe"] = _probe(probes.readiness, shape.port, period=5, failures=2)
        worker["liveness_probe"] = _probe(probes.liveness, shape.port, period=10, failures=3)
    pod = pod_spec(shape, worker)
    pod["termination_grace_period_seconds"] = termination_grace_seconds(0, rollout.drain, rollout.shutdown)
    if interruptible:
        # Preferred, not required: without spot instances the jobs run on other nodes.
        spot: core.NodeSelectorTermArgsDict = {
            "match_expressions": [{"key": CAPACITY_TYPE, "operator": "In", "values": ["spot"]}]
        }
        pod["affinity"] = {
            "node_affinity": {
                "preferred_during_scheduling_ignored_during_execution": [{"weight": 100, "preference": spot}]
            }
        }
    return {"replicas": replicas, **_spec(shape.app, "worker", pod, rollout)}


def _spec(app: str, role: str, pod: core.PodSpecArgsDict, rollout: Rollout) -> apps.DeploymentSpecArgsDict:
    pod["topology_spread_constraints"] = [
        _spread(app, role, "topology.kubernetes.io/zone"),
        _spread(app, role, "kubernetes.io/hostname"),
    ]
    return {
        "selector": {"match_labels": selector(app, role)},
        "strategy": {"type": "RollingUpdate", "rolling_update": {"max_unavailable": 0, "max_surge": 1}},
        "min_ready_seconds": rollout.min_ready,
        "progress_deadline_seconds": rollout.progress_deadline,
        "revision_history_limit": 5,
        "template": {"metadata": {"labels": labels(app, role)}, "spec": pod},
    }


def _probe(path: str, port: str | int = PORT_NAME, *, period: int, failures: int) -> core.ProbeArgsDict:
    return {
        "http_get": {"path": path, "port": port},
        "period_seconds": period,
        "timeout_seconds": 2,
        "failure_threshold": failures,
    }


def _spread(app: str, role: str, topology_key: str) -> core.TopologySpreadConstraintArgsDict:
    return {
        "topology_key": topology_key,
        "max_skew": 1,
        # A failed zone must not prevent its replicas from starting elsewhere.
        "when_unsatisfiable": "ScheduleAnyway",
        "label_selector": {"match_labels": selector(app, role)},
        "match_label_keys": ["pod-template-hash"],
    }
