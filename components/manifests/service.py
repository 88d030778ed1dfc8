"""The Service: a network load balancer in front of the pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from components.manifests.labels import selector
from components.manifests.pod import PORT_NAME

if TYPE_CHECKING:
    from pulumi_kubernetes.core import v1 as core

Scheme = Literal["internal", "internet-facing"]

LOAD_BALANCER_CLASS = "eks.amazonaws.com/nlb"
_ANNOTATION = "service.beta.kubernetes.io/aws-load-balancer"


def service_annotations(scheme: Scheme, deregistration_seconds: int) -> dict[str, str]:
    """Have the load balancer talk to pods directly, ask them whether they are ready, and let them go gently."""
    return {
        f"{_ANNOTATION}-scheme": scheme,
        f"{_ANNOTATION}-nlb-target-type": "ip",
        f"{_ANNOTATION}-healthcheck-protocol": "HTTP",
        f"{_ANNOTATION}-healthcheck-path": "/health/serving",
        f"{_ANNOTATION}-healthcheck-interval": "5",
        f"{_ANNOTATION}-healthcheck-timeout": "3",  # 10 by default, and more than the interval is refused
        f"{_ANNOTATION}-healthcheck-healthy-threshold": "2",
        f"{_ANNOTATION}-healthcheck-unhealthy-threshold": "2",
        # The service limits each client's rate, so it has to see the client's address and not the load balancer's.
        f"{_ANNOTATION}-target-group-attributes": (
            f"deregistration_delay.timeout_seconds={deregistration_seconds},preserve_client_ip.enabled=true"
        ),
    }


def service_spec(app: str, port: int) -> core.ServiceSpecArgsDict:
    """Specify the Service. It needs no node ports: the load balancer knows the pods' addresses."""
    return {
        "type": "LoadBalancer",
        "load_balancer_class": LOAD_BALANCER_CLASS,
        "allocate_load_balancer_node_ports": False,
        "selector": selector(app),
        "ports": [{"name": PORT_NAME, "port": port, "target_port": PORT_NAME, "protocol": "TCP"}],
    }


def service_url(status: core.outputs.ServiceStatus | None, port: int) -> str:
    """Give the URL of the load balancer, by name rather than address; empty while it has neither."""
    balancer = status.load_balancer if status else None
    hosts = [entry.hostname or entry.ip for entry in (balancer.ingress if balancer else None) or []]
    return f"http://{hosts[0]}:{port}" if hosts else ""
