"""Network policies: deny all traffic except what the service needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from components.manifests.labels import selector

if TYPE_CHECKING:
    from pulumi_kubernetes.networking import v1 as networking

POD_IDENTITY_CIDR = "169.254.170.23/32"  # address of the Pod Identity agent on every EKS node
POSTGRES_PORT = 5432
LINK_LOCAL_CIDR = "169.254.0.0/16"  # instance metadata of nodes, which pods must not reach


def default_deny_spec() -> networking.NetworkPolicySpecArgsDict:
    """Select every pod of the namespace and allow nothing."""
    return {"pod_selector": {}, "policy_types": ["Ingress", "Egress"]}


def server_ingress_spec(
    app: str, load_balancer_cidrs: Sequence[str], port: int
) -> networking.NetworkPolicySpecArgsDict:
    """Allow the load balancer to reach the servers, for requests and health checks."""
    return {
        "pod_selector": {"match_labels": selector(app)},
        "policy_types": ["Ingress"],
        "ingress": [{"from_": [_block(cidr) for cidr in load_balancer_cidrs], "ports": [_port("TCP", port)]}],
    }


def admin_ingress_spec(
    app: str, port: int, namespaces: Sequence[str], role: str = "server"
) -> networking.NetworkPolicySpecArgsDict:
    """Allow the pods of these namespaces to reach the operators' port of the pods of one role.

    Every namespace has its name as a label:
    https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
    """
    names: networking.NetworkPolicyPeerArgsDict = {
        "namespace_selector": {
            "match_expressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": list(namespaces)}]
        }
    }
    return {
        "pod_selector": {"match_labels": selector(app, role)},
        "policy_types": ["Ingress"],
        "ingress": [{"from_": [names], "ports": [_port("TCP", port)]}],
    }


def app_egress_spec(
    app: str,
    database_cidrs: Sequence[str],
    aws_cidrs: Sequence[str],
    dependency_ports: Sequence[int] = (),
    *,
    credentials: bool = True,
) -> networking.NetworkPolicySpecArgsDict:
    """Allow every pod of the app to reach DNS, its database, AWS through VPC endpoints, and its dependencies.

    Without addresses of a database or of AWS, these are not allowed; without `credentials`, neither is the EKS Pod
    Identity agent.

    A policy has no host names: a dependency is any address outside of the link-local range, at its port.
    """
    anywhere: networking.NetworkPolicyPeerArgsDict = {"ip_block": {"cidr": "0.0.0.0/0", "except_": [LINK_LOCAL_CIDR]}}
    return {
        "pod_selector": {"match_labels": {"app.kubernetes.io/name": app}},
        "policy_types": ["Egress"],
        "egress": [
            # Auto Mode serves DNS on the node itself, which no pod selector matches.
            {"ports": [_port("UDP", 53), _port("TCP", 53)]},
            *_to(database_cidrs, POSTGRES_PORT),
            *_to([POD_IDENTITY_CIDR] if credentials else [], 80),
            *_to(aws_cidrs, 443),
            *({"to": [anywhere], "ports": [_port("TCP", port)]} for port in sorted(set(dependency_ports))),
        ],
    }


def _to(cidrs: Sequence[str], port: int) -> list[networking.NetworkPolicyEgressRuleArgsDict]:
    """Allow some addresses at a port. A rule without addresses would allow all of them."""
    return [{"to": [_block(cidr) for cidr in cidrs], "ports": [_port("TCP", port)]}] if cidrs else []


def _block(cidr: str) -> networking.NetworkPolicyPeerArgsDict:
    return {"ip_block": {"cidr": cidr}}


def _port(protocol: str, port: int) -> networking.NetworkPolicyPortArgsDict:
    return {"protocol": protocol, "port": port}
