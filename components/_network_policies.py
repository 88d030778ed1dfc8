"""Network policies: which traffic may reach and leave the pods of a Workload."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes.networking import v1 as networking

from components._workload_args import WorkloadArgs
from components.manifests.network_policy import (
    admin_ingress_spec,
    app_egress_spec,
    default_deny_spec,
    server_ingress_spec,
)
from components.manifests.place import Place


def make_network_policies(
    name: str, args: WorkloadArgs, place: Place, child: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """Deny everything, then allow what the service needs."""
    balancer = pulumi.Output.from_input(args.load_balancer_cidrs)
    egress = pulumi.Output.all(args.database_cidrs, pulumi.Output.all(*args.aws_cidrs))
    specs: dict[str, pulumi.Input[networking.NetworkPolicySpecArgsDict]] = {
        "default-deny": default_deny_spec(),
        "server-ingress": balancer.apply(lambda cidrs: server_ingress_spec(args.app, cidrs, args.port)),
        "app-egress": egress.apply(
            lambda known: app_egress_spec(
                args.app, known[0], known[1], args.dependency_ports, credentials=args.credentials
            )
        ),
    }
    if args.admin_port and args.admin_namespaces:
        specs["admin-ingress"] = admin_ingress_spec(args.app, args.admin_port, args.admin_namespaces)
        if args.worker and args.worker.probes:
            # A worker has one port, for probes and metrics; the load balancer does not reach it.
            specs["worker-admin-ingress"] = admin_ingress_spec(args.app, args.port, args.admin_namespaces, "worker")
    return [
        networking.NetworkPolicy(f"{name}-{role}", metadata=place.metadata(f"{args.app}-{role}"), spec=spec, opts=child)
        for role, spec in specs.items()
    ]
