"""Determines the pods behind a Service port from its EndpointSlices."""

from collections.abc import Iterable

from localcloud.cluster.addresses import loopback_of
from localcloud.cluster.api import Manifest

SERVICE_LABEL = "kubernetes.io/service-name"

Address = tuple[str, int]


def backends(slices: Iterable[Manifest], port_name: str) -> list[Address]:
    """Return the loopback addresses that accept new connections, sorted.

    These are the ready endpoints. If there are none, they are the endpoints that are terminating but still serving, as
    in kube-proxy, so that the last pod of a Service can complete its requests.

    Args:
        slices: the EndpointSlices of one Service.
        port_name: the name of the Service port, "" if it is unnamed.
    """
    ready: set[Address] = set()
    terminating: set[Address] = set()
    for item in slices:
        numbers = [port["port"] for port in item.get("ports") or [] if (port.get("name") or "") == port_name]
        for endpoint in item.get("endpoints") or []:
            conditions = endpoint.get("conditions") or {}
            found = {(loopback_of(address), number) for address in endpoint["addresses"] for number in numbers}
            if conditions.get("ready", True):
                ready |= found
            elif conditions.get("serving") and conditions.get("terminating"):
                terminating |= found
    return sorted(ready or terminating)
