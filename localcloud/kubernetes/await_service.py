"""Awaits a Service: type LoadBalancer is ready when the load balancer has an address, other types immediately."""

from localcloud.kubernetes.reference import Manifest, Query
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting

TIMEOUT_SECONDS = 600


def timeout_seconds(_service: Manifest) -> int:
    """Return the timeout: ten minutes, because AWS may take that long to create a load balancer."""
    return TIMEOUT_SECONDS


def queries(service: Manifest) -> list[Query]:
    """Return the query for the Service."""
    metadata = service["metadata"]
    return [Query(api_version="v1", kind="Service", namespace=metadata["namespace"], name=metadata["name"])]


def assess(services: list[Manifest]) -> Verdict:
    """Return the state of the Service."""
    if not services:
        return Failed("it was deleted meanwhile")
    service = services[0]
    if service["spec"].get("type") != "LoadBalancer":
        return Ready()
    ingress = service.get("status", {}).get("loadBalancer", {}).get("ingress", [])
    if any(point.get("ip") or point.get("hostname") for point in ingress):
        return Ready()
    return Waiting("waiting for the load balancer's address")
