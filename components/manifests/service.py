"""The Service, which selects the pods that serve, for the load balancer's controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.manifests.labels import selector
from components.manifests.pod import PORT_NAME

if TYPE_CHECKING:
    from pulumi_kubernetes.core import v1 as core

SERVICE_PORT = 80
# Pulumi waits for a Service's pods, but they are created after it: a pod gets its readiness gate when it is created.
ANNOTATIONS = {"pulumi.com/skipAwait": "true"}


def service_spec(app: str) -> core.ServiceSpecArgsDict:
    """Specify the Service, which is cluster-internal: the load balancer sends requests to the pods' addresses."""
    return {
        "type": "ClusterIP",
        "selector": selector(app),
        "ports": [{"name": PORT_NAME, "port": SERVICE_PORT, "target_port": PORT_NAME, "protocol": "TCP"}],
    }
