"""Law: a load balancer behind CloudFront accepts requests from its distribution only."""

from collections.abc import Iterator

from infra.reach.balancers import Balancer
from infra.reach.breach import Breach
from infra.reach.elb import RULES
from infra.reach.fronts import added_headers, fronts_of
from infra.reach.graph import Graph
from infra.reach.paths import answer
from infra.reach.places import INTERNET
from infra.reach.verdict import Verdict
from infra.reach.view import View
from infra.resources.aws_types import LISTENERS, LOAD_BALANCERS
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource


def cloudfront_is_the_only_way(view: View) -> Iterator[Breach]:
    """Yield load balancers behind CloudFront that are reachable otherwise or that forward requests without its key.

    The addresses of CloudFront are shared by all distributions of all customers, so both checks are needed:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html
    """
    network, places = view
    for balancer in network.balancers:
        fronts = fronts_of(network.graph, balancer.resource)
        if not fronts:
            continue
        place = next((each for each in places.sources.values() if each.resource is balancer.resource), None)
        found = answer(network, places.sources[INTERNET], place) if place else None
        if found and found.verdict in (Verdict.YES, Verdict.SOME):
            yield Breach(
                balancer.resource,
                f"the internet reaches it on {found.port} beside CloudFront: {found.decides}",
                "let its security group take connections from CloudFront's prefix list only",
            )
        keys = set.union(*map(added_headers, fronts))
        yield from _forwarding_anything(network.graph, balancer, keys)


def _forwarding_anything(graph: Graph, balancer: Balancer, keys: set[str]) -> Iterator[Breach]:
    finding = "it forwards requests without the key of the CloudFront distribution"
    for listener in graph.all(*LISTENERS):
        if balancer.resource not in graph.of(listener, "loadBalancerArn", *LOAD_BALANCERS).found:
            continue
        if _forwards(listener, "defaultActions"):
            yield Breach(listener, finding, "answer with a fixed response by default, and forward in rules only")
        for rule in graph.all(*RULES):
            if listener in graph.of(rule, "listenerArn", *LISTENERS).found and not _asks_for(rule, keys):
                yield Breach(rule, finding, "add a condition for the header with the key")


def _forwards(listener: Resource, key: str) -> bool:
    return any(mapping(action).get("type") == "forward" for action in items(listener.properties.get(key)))


def _asks_for(rule: Resource, keys: set[str]) -> bool:
    """Return whether a rule forwards only requests with a key header, or forwards no requests."""
    conditions = rule.properties.get("conditions")
    if conditions is UNKNOWN or not _forwards(rule, "actions"):
        return True
    headers = [mapping(mapping(each).get("httpHeader")) for each in items(conditions)]
    return any(str(header.get("httpHeaderName")).lower() in keys for header in headers if header)
