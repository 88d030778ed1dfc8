"""CloudFront distributions in front of load balancers."""

from infra.reach.graph import Graph
from infra.resources.aws_types import LOAD_BALANCERS
from infra.resources.properties import items, mapping
from infra.resources.resource import Resource

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"


def fronts_of(graph: Graph, balancer: Resource) -> list[Resource]:
    """Return the distributions with a load balancer as an origin, by dependency or by DNS name."""
    name = balancer.properties.get("dnsName")
    return [
        each
        for each in graph.all(DISTRIBUTION)
        if balancer in graph.depends(each, "origins", *LOAD_BALANCERS)
        or any(isinstance(name, str) and mapping(one).get("domainName") == name for one in items(_origins(each)))
    ]


def added_headers(distribution: Resource) -> set[str]:
    """Return the names of the header fields that a distribution adds to requests, in lower case."""
    return {
        str(mapping(header).get("name")).lower()
        for origin in items(_origins(distribution))
        for header in items(mapping(origin).get("customHeaders"))
    }


def _origins(distribution: Resource) -> object:
    return distribution.properties.get("origins")
