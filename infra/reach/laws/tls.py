"""Law: load balancers serve the internet over TLS only."""

from collections.abc import Iterator

from infra.reach.balancers import PREFIX, SERVICE
from infra.reach.breach import Breach
from infra.reach.view import View
from infra.resources.aws_types import LISTENERS, LOAD_BALANCERS
from infra.resources.properties import items, mapping
from infra.resources.resource import Resource

CLEAR = ("HTTP", "TCP")


def internet_is_served_by_tls(view: View) -> Iterator[Breach]:
    """Yield internet-facing load balancers that forward unencrypted traffic.

    An HTTP listener may redirect to HTTPS. A TCP listener of a network load balancer forwards TLS without terminating
    it, so it is accepted on port 443 only.
    """
    graph = view.network.graph
    for balancer in view.network.balancers:
        if balancer.scheme != "internet-facing":
            continue
        resource = balancer.resource
        if resource.type == SERVICE:
            notes = mapping(mapping(resource.properties.get("metadata")).get("annotations"))
            if f"{PREFIX}ssl-cert" not in notes and any(port.number != 443 for port in balancer.listeners):
                finding = "its load balancer faces the internet, and has a port without TLS"
                yield Breach(resource, finding, f"name a certificate in the annotation {PREFIX}ssl-cert")
            continue
        for listener in graph.all(*LISTENERS):
            if resource in graph.of(listener, "loadBalancerArn", *LOAD_BALANCERS).found and _is_clear(listener):
                finding = f"it serves {listener.properties['protocol']} to the internet"
                yield Breach(listener, finding, "redirect it to HTTPS")


def _is_clear(listener: Resource) -> bool:
    protocol, port = listener.properties.get("protocol"), listener.properties.get("port")
    if protocol not in CLEAR or (protocol == "TCP" and port == 443):
        return False
    actions = [mapping(action) for action in items(listener.properties.get("defaultActions"))]
    return not all(mapping(action.get("redirect")).get("protocol") == "HTTPS" for action in actions)
