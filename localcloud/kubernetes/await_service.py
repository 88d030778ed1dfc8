"""A Service of type LoadBalancer is ready when the load balancer has an address; others are at once."""

from localcloud.kubernetes.reference import Manifest, Query
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting

TIMEOUT_SECONDS = 600


def timeout_seconds(_service: Manifest) -> int:
    """Ten minutes, as long as AWS may take for a load balancer."""
    return TIMEOUT_SECONDS


def queries(service: Manifest) -> list[Query]:
    """Return the Service."""
    metadata = service["metadata"]
    return [Query(api_version="v1", kind="Service", namespace=metadata["namespace"], name=metadata["name"])]


def assess(services: list[Manifest]) -> Verdict:
    """Judge what the query found."""
    if not services:
        return Failed("it was deleted meanwhile")
    service = services[0]
    if service["spec"].get("type") != "LoadBalancer":
        return Ready()
    ingress = service.get("status", {}).get("loadBalancer", {}).get("ingress", [])
    if any(point.get("ip") or point.get("hostname") for point in ingress):
        return Ready()
    return Waiting("waiting for the load balancer's address")
