"""The pods behind a Service, and the target ports of its ports."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from infra.reach.pods import Namespaces, Pod
from infra.reach.port import Port
from infra.reach.selectors import selects
from infra.reach.values import number, text
from infra.reach.verdict import Verdict
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource


class Targets(NamedTuple):
    """The pods and ports to which a load balancer forwards requests."""

    found: tuple[tuple[Pod, Port], ...] = ()
    certain: bool = True
    """Whether `found` is known to be complete."""


def targets_of(service: Resource, namespaces: Namespaces, pods: Sequence[Pod], only: Any = None) -> Targets:
    """Return the targets of a Service, or of its port with the name or number `only`."""
    spec = service.properties.get("spec")
    selector, ports = mapping(spec).get("selector"), mapping(spec).get("ports")
    found: list[tuple[Pod, Port]] = []
    certain = UNKNOWN not in (spec, selector, ports)
    for pod in pods:
        chosen = _chosen(service, selector, namespaces, pod)
        certain = certain and chosen is not Verdict.UNKNOWN
        for entry in items(ports) if chosen is Verdict.YES else ():
            port = mapping(entry)
            names = (port.get("name"), port.get("port"))
            if entry is UNKNOWN or (only is not None and only not in names):
                certain = certain and entry is not UNKNOWN and UNKNOWN not in names
                continue
            target = _port(port, pod)
            if target:
                found.append((pod, Port(text(port.get("protocol")) or "TCP", target)))
            certain = certain and target is not None
    return Targets(tuple(found), certain)


def _chosen(service: Resource, selector: Any, namespaces: Namespaces, pod: Pod) -> Verdict:
    """Return whether a Service selects a kind of pods; without a selector it selects none."""
    namespace = namespaces.of(service)
    if not mapping(selector):
        return Verdict.NO
    if "" in (namespace.key, pod.namespace.key):
        return Verdict.UNKNOWN
    if namespace.key != pod.namespace.key:
        return Verdict.NO
    return selects({"matchLabels": selector}, pod.labels)


def _port(port: Mapping[str, Any], pod: Pod) -> int | None:
    """Return the pod port for a Service port; 0 if the pod has no port of that name, None if it is unknown."""
    wanted = port.get("targetPort", port.get("port"))
    if wanted is None or wanted is UNKNOWN:
        return None
    known = number(wanted)
    if known is None:
        known = pod.ports.get(text(wanted), 0 if pod.ports_known else None)
    return known
