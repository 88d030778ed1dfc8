"""Awaits a Service: its pods are ready, and type LoadBalancer has an address."""

from localcloud.kubernetes.reference import Manifest, Query
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting

TIMEOUT_SECONDS = 600


def timeout_seconds(_service: Manifest) -> int:
    """Return the timeout: ten minutes, because AWS may take that long to create a load balancer."""
    return TIMEOUT_SECONDS


def queries(service: Manifest) -> list[Query]:
    """Return the queries for the Service and its Endpoints."""
    metadata = service["metadata"]
    namespace, name = metadata["namespace"], metadata["name"]
    return [
        Query(api_version="v1", kind="Service", namespace=namespace, name=name),
        Query(api_version="v1", kind="Endpoints", namespace=namespace, name=name),
    ]


def assess(services: list[Manifest], endpoints: list[Manifest]) -> Verdict:
    """Return the state of the Service.

    A Service without a selector, a headless one and one of type ExternalName do not depend on pods.
    """
    if not services:
        return Failed("it was deleted meanwhile")
    spec = services[0]["spec"]
    ingress = services[0].get("status", {}).get("loadBalancer", {}).get("ingress", [])
    if spec.get("type") == "LoadBalancer" and not any(point.get("ip") or point.get("hostname") for point in ingress):
        return Waiting("waiting for the load balancer's address")
    if not spec.get("selector") or spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName":
        return Ready()
    if not endpoints:
        return Waiting("waiting for the endpoints controller")
    unready = sum(
        len(subset.get("notReadyAddresses") or ()) for each in endpoints for subset in each.get("subsets") or ()
    )
    return Waiting(f"{unready} of its pods not ready") if unready else Ready()
