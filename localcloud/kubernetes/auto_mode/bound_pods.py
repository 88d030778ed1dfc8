"""Pure functions that select the pods of a Service for a target group and compute their readiness gate condition.

The behavior is that of the AWS Load Balancer Controller, on which the controller of Auto Mode is based:
https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/pod_readiness_gate/
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from localcloud.cluster.api import Manifest
from localcloud.load_balancing.health import HEALTHY, State
from localcloud.load_balancing.model import Target

SERVICE_LABEL = "kubernetes.io/service-name"
GATE_PREFIX = "target-health.eks.amazonaws.com"
"""The condition prefix of Auto Mode; that of the open source controller is target-health.elbv2.k8s.aws.

It is followed by the name of the TargetGroupBinding, as in
https://github.com/kubernetes-sigs/aws-load-balancer-controller/pull/1444. The prefix is taken from public records of
clusters with Auto Mode; the AWS documentation does not mention it.
"""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A pod behind a port of a Service."""

    target: Target
    pod: str
    """The name of the pod; "" if the endpoint is not a pod."""
    ready: bool
    terminating: bool


def gate_of(binding: Manifest) -> str:
    """Return the type of the condition that a TargetGroupBinding sets on pods."""
    return f"{GATE_PREFIX}/{binding['metadata']['name']}"


def port_name(service: Manifest, port: int | str) -> str | None:
    """Return the name of a Service port given by number or name: "" if it is unnamed, None if it does not exist."""
    for each in service["spec"].get("ports") or []:
        if port in (each["port"], each.get("name")):
            return each.get("name") or ""
    return None


def endpoints(slices: Iterable[Manifest], name: str) -> list[Endpoint]:
    """Return the endpoints of the port with this name in all EndpointSlices of a Service."""
    return [
        Endpoint(
            target=(address, port["port"]),
            pod=(endpoint.get("targetRef") or {}).get("name", ""),
            ready=(endpoint.get("conditions") or {}).get("ready", True),
            terminating=bool((endpoint.get("conditions") or {}).get("terminating")),
        )
        for item in slices
        for port in item.get("ports") or []
        if (port.get("name") or "") == name
        for endpoint in item.get("endpoints") or []
        for address in endpoint["addresses"]
    ]


def belongs(endpoint: Endpoint, pod: Manifest | None, gate: str) -> bool:
    """Return whether to register an endpoint: it is ready, or it is not ready only because of its readiness gate."""
    if endpoint.terminating:
        return False
    return endpoint.ready or (pod is not None and has_gate(pod, gate) and _has_ready_containers(pod))


def _has_ready_containers(pod: Manifest) -> bool:
    conditions = pod.get("status", {}).get("conditions") or []
    return any(each["type"] == "ContainersReady" and each["status"] == "True" for each in conditions)


def has_gate(pod: Manifest, gate: str) -> bool:
    """Return whether a pod has this readiness gate."""
    return any(each["conditionType"] == gate for each in pod["spec"].get("readinessGates") or [])


def condition(pod: Manifest, gate: str, state: State, time: str) -> Manifest | None:
    """Return the condition to set on a pod, or None if no change is necessary.

    After a target was healthy once, a failing health check does not make the pod unready again: the load balancer
    itself stops routing to it, and the controller no longer checks the target.
    """
    known = next((each for each in pod.get("status", {}).get("conditions") or [] if each["type"] == gate), None)
    value = "True" if state.state == HEALTHY else "False"
    wanted = {"status": value, "reason": state.reason or "", "message": state.description or ""}
    if known and (known["status"] == "True" or all((known.get(key) or "") == wanted[key] for key in wanted)):
        return None
    changed = known is None or known["status"] != value
    since = time if changed or known is None else known["lastTransitionTime"]
    return {"type": gate, **wanted, "lastTransitionTime": since}


def gates_for(pod: Manifest, bindings: Iterable[Manifest], services: Mapping[str, Manifest]) -> list[str]:
    """Return the readiness gates to add to a new pod: one for each binding of type ip whose Service selects the pod.

    Args:
        pod: the pod that is being created.
        bindings: the TargetGroupBindings in the namespace of the pod.
        services: the Services in the namespace of the pod, by name.
    """
    labels = pod["metadata"].get("labels") or {}
    found = []
    for binding in bindings:
        service = services.get(binding["spec"]["serviceRef"]["name"])
        selector = (service or {}).get("spec", {}).get("selector")
        is_bound = binding["spec"].get("targetType") == "ip" and selector and selector.items() <= labels.items()
        if is_bound and not has_gate(pod, gate_of(binding)):
            found.append(gate_of(binding))
    return sorted(found)
