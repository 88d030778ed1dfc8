"""Rule: a server has a readiness and a liveness probe, and is not restarted before it is out of the load balancer.

Anchors: CKV_K8S_8, CKV_K8S_9, kube-score pod-probes-identical.
"""

from collections.abc import Iterator
from math import inf

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, is_number, items, mapping, unset
from infra.resources.resource import Resource
from infra.resources.workloads import label, pod_spec

# https://kubernetes.io/docs/concepts/workloads/pods/probes/
DEFAULTS = {"periodSeconds": 10, "failureThreshold": 3}


def check(server: Resource) -> Iterator[str]:
    """Yield containers with ports that get requests before they are ready, or that restart together with a dependency.

    Init containers are not checked: they have no probes, except sidecars.
    """
    for container in (each for each in items(pod_spec(server).get("containers")) if isinstance(each, dict)):
        ready, alive = container.get("readinessProbe"), container.get("livenessProbe")
        if not container.get("ports") or UNKNOWN in (container.get("ports"), ready, alive):
            continue
        missing = [key for key in ("readinessProbe", "livenessProbe") if unset(container.get(key))]
        if missing:
            yield f"{label(container)} has no {' and no '.join(missing)}"
        elif _action(ready) == _action(alive) and _seconds(alive, inf) <= _seconds(ready, 0):
            same = "livenessProbe and readinessProbe are the same, and livenessProbe does not fail later"
            yield f"{label(container)}: {same}"


def _seconds(probe: object, unknown: float) -> float:
    """Return the seconds until a failing probe has an effect; unknown values count as `unknown`: 0 or infinity."""
    seconds = 1.0
    for key, default in DEFAULTS.items():
        value = mapping(probe).get(key, default)
        seconds *= value if is_number(value) else unknown
    return seconds


def _action(probe: object) -> dict[str, object]:
    return {key: value for key, value in mapping(probe).items() if key in ("exec", "grpc", "httpGet", "tcpSocket")}


RULE = resource_rule(
    name="kubernetes-pod-probes-distinct",
    severity=Severity.MEDIUM,
    description="A server must have a readiness probe, and a liveness probe that fails later or checks something else.",
    remedy="add a readinessProbe on what the pod needs for requests, and a livenessProbe on the process alone, or with "
    "a larger failureThreshold",
    types=["kubernetes:apps/v1:DaemonSet", "kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet"],
    check=check,
)
