"""Pods, connections, storage and memory are sufficient for their users."""

from collections.abc import Iterator
from typing import Any

from stacks.bundled import WORKER
from tests.stacks.laws.graph.law import Break
from tests.support.edits import put
from tests.support.recorder import Recorded
from tests.support.services import services_of
from tests.support.worlds import World

DEPLOYMENT, JOB = "kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job"
BUDGET, SCALER = "kubernetes:policy/v1:PodDisruptionBudget", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
INSTANCE, PODS = "aws:rds/instance:Instance", (DEPLOYMENT, JOB)
# Connections that PostgreSQL reserves for superusers, and RDS for itself.
# https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-SUPERUSER-RESERVED-CONNECTIONS
RESERVED_CONNECTIONS = 5
BYTES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
"""Kubernetes' suffixes of a quantity."""


def _most_pods(world: World, deployment: Recorded) -> tuple[float, float]:
    """Return the minimum and maximum number of pods of a Deployment, without those of a rollout."""
    for scaler in world.all(SCALER):
        spec = scaler.inputs["spec"]
        if spec["scaleTargetRef"]["name"] == deployment.inputs["metadata"]["name"]:
            return spec["minReplicas"], spec["maxReplicas"]
    replicas = deployment.inputs["spec"].get("replicas", 1)
    return replicas, replicas


def all_pods_find_a_connection(world: World) -> Iterator[str]:
    """The limit suffices for the maximum number of pods of all services in a rollout, and for the reserved ones."""
    (instance,) = world.all(INSTANCE)
    parameters = world.owner(instance.inputs["parameterGroupName"]).inputs["parameters"]
    (limit,) = (int(each["value"]) for each in parameters if each["name"] == "max_connections")
    pods, needed = 0.0, float(RESERVED_CONNECTIONS)
    for service in (each for each in services_of(world) if each.user):
        most = sum(
            _most_pods(world, each)[1] + each.inputs["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
            for each in service.all(world, DEPLOYMENT)
        )
        pods, needed = pods + most, needed + most * int(service.config(world)[service.connections])
    if needed > limit:
        yield f"{instance.name}: takes {limit} connections, and {pods:.0f} pods need {needed:.0f}"


def counts_of_pods_agree(world: World) -> Iterator[str]:
    """The autoscaler's minimum is above that of the budget, and a Deployment with several pods has a budget."""
    for deployment in world.all(DEPLOYMENT):
        fewest, most = _most_pods(world, deployment)
        selector = deployment.inputs["spec"]["selector"]
        budgets = [each.inputs["spec"] for each in world.all(BUDGET) if each.inputs["spec"]["selector"] == selector]
        if fewest > most:
            yield f"{deployment.name}: has {fewest:.0f} pods at least and {most:.0f} at most"
        if fewest > 1 and not budgets:
            yield f"{deployment.name}: has {fewest:.0f} pods, and an eviction may take them all"
        for budget in budgets:
            if not 1 <= budget["minAvailable"] < fewest:
                yield f"{deployment.name}: {budget['minAvailable']:.0f} of {fewest:.0f} pods have to stay"


def storage_has_room_to_grow(world: World) -> Iterator[str]:
    """RDS grows storage by at least a tenth, so a lower limit has no effect."""
    for instance in world.all("aws:rds/instance:Instance"):
        now, most = instance.inputs["allocatedStorage"], instance.inputs["maxAllocatedStorage"]
        if most <= now:
            yield f"{instance.name}: has {now:.0f} GiB, and may have {most:.0f}"


def _bytes(amount: str) -> float:
    number = amount.rstrip("kKMGTi")
    return float(number) * BYTES[amount[len(number) :]]


def a_pod_may_use_what_it_asked_for(world: World) -> Iterator[str]:
    """Kubernetes refuses a limit below the request."""
    for resource in (each for type_ in PODS for each in world.all(type_)):
        for container in resource.inputs["spec"]["template"]["spec"]["containers"]:
            asked, most = container["resources"]["requests"], container["resources"]["limits"]
            if _bytes(asked["memory"]) > _bytes(most["memory"]):
                yield f"{resource.name}: asks for {asked['memory']} of memory, and may have {most['memory']}"


LAWS = [
    all_pods_find_a_connection,
    counts_of_pods_agree,
    storage_has_room_to_grow,
    a_pod_may_use_what_it_asked_for,
]

_MOST = 24 if WORKER else 21
"""Pods of `prod` at most, with one of each Deployment more in a rollout."""
_SERVER, _CONFIG = "Deployment:workload-deployment", "ConfigMap:workload-config"
_CONTAINER = ("spec", "template", "spec", "containers", 0)
_OF_WORKERS: list[tuple[Any, str]] = [
    (put("Deployment:workload-worker", "spec", "replicas", value=1), "workload-worker: 1 of 1 pods have to stay"),
    (
        put("PodDisruptionBudget:workload-worker-budget", "spec", "selector", value={"matchLabels": {}}),
        "workload-worker: has 2 pods, and an eviction may take them all",
    ),
]
_MISTAKES: list[tuple[Any, list[tuple[Any, str]]]] = [
    (
        all_pods_find_a_connection,
        [
            (put(_CONFIG, "data", "MAX_CONNECTIONS", value="40"), f"{_MOST} pods need {_MOST * 40 + 5}"),
            (
                put("HorizontalPodAutoscaler:workload-autoscaler", "spec", "maxReplicas", value=60),
                f"{_MOST + 40} pods need {(_MOST + 40) * 10 + 5}",
            ),
            (put("ParameterGroup:database-parameters", "parameters", 2, "value", value="100"), "takes 100 connections"),
        ],
    ),
    (
        counts_of_pods_agree,
        [
            (put("HorizontalPodAutoscaler:workload-autoscaler", "spec", "minReplicas", value=21), "21 pods at least"),
            (put("PodDisruptionBudget:workload-budget", "spec", "minAvailable", value=3), "3 of 3 pods have to stay"),
            *(_OF_WORKERS if WORKER else []),
        ],
    ),
    (
        storage_has_room_to_grow,
        [(put("Instance:database-instance", "maxAllocatedStorage", value=100), "database-instance: has 100 GiB")],
    ),
    (
        a_pod_may_use_what_it_asked_for,
        [
            (
                put(_SERVER, *_CONTAINER, "resources", "limits", "memory", value="500M"),
                "workload-deployment: asks for 512Mi of memory, and may have 500M",
            )
        ],
    ),
]
BREAKS = [Break(name=says, edit=edit, law=law, says=says) for law, edits in _MISTAKES for edit, says in edits]
