"""The listeners of an Edge, and the security group of the load balancer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import ec2, lb, vpc

from components._edge_cloudfront import with_key

# TLS 1.2 and 1.3 with forward secrecy, and key exchange that quantum computers do not break; AWS's recommendation:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
# The highest that ELB takes, after those of all Routes:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
LAST_PRIORITY = 50_000


def make_security_group(
    name: str,
    *,
    vpc_id: pulumi.Input[str],
    ports: Mapping[str, int],
    client_cidrs: Sequence[str],
    prefix_list_id: pulumi.Input[str] | None,
    cluster_security_group_id: pulumi.Input[str],
    pod_ports: Sequence[int],
    child: pulumi.ResourceOptions,
) -> tuple[ec2.SecurityGroup, list[pulumi.Resource]]:
    """Allow clients to reach the listeners, and the load balancer to reach the pods; nothing else.

    `ports` are those of the listeners by protocol. The clients are `client_cidrs`, or the addresses of a prefix list.
    The rules of the first of `pod_ports` have no port in their names.
    """
    group = ec2.SecurityGroup(
        f"{name}-load-balancer",
        vpc_id=vpc_id,
        description="Load balancer: clients to its listeners, and it to the pods",
        tags={"Name": f"{name}-load-balancer"},
        opts=child,
    )
    if prefix_list_id is not None:
        clients = {"cloudfront": ("CloudFront", {"prefix_list_id": prefix_list_id})}
    else:
        clients = {cidr.replace("/", "-"): ("clients", {"cidr_ipv4": cidr}) for cidr in client_cidrs}
    rules: list[pulumi.Resource] = [
        vpc.SecurityGroupIngressRule(
            f"{name}-{protocol}-{client}",
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"{protocol.upper()} from {who}",
            opts=child,
            **source,
        )
        for protocol, port in ports.items()
        for client, (who, source) in clients.items()
    ]
    for index, port in enumerate(pod_ports):
        pods = {"ip_protocol": "tcp", "from_port": port, "to_port": port}
        rule = f"{name}-to-pods-{port}" if index else f"{name}-to-pods"
        rules += [
            vpc.SecurityGroupEgressRule(
                rule,
                security_group_id=group.id,
                referenced_security_group_id=cluster_security_group_id,
                description="Pods of the service",
                opts=child,
                **pods,
            ),
            vpc.SecurityGroupIngressRule(
                rule,
                security_group_id=cluster_security_group_id,
                referenced_security_group_id=group.id,
                description="Load balancer of the service",
                opts=child,
                **pods,
            ),
        ]
    return group, rules


def make_listeners(
    name: str,
    load_balancer_arn: pulumi.Input[str],
    target_group_arn: pulumi.Input[str],
    *,
    ports: Mapping[str, int],
    certificate: pulumi.Input[str] | None,
    plain_http: bool,
    child: pulumi.ResourceOptions,
) -> dict[str, lb.Listener]:
    """Serve HTTPS where there is a certificate, and HTTP as a redirect to it, or as it is."""
    forward: list[lb.ListenerDefaultActionArgsDict] = [{"type": "forward", "target_group_arn": target_group_arn}]
    if certificate is None or plain_http:
        plain = forward
    else:
        redirect = {"protocol": "HTTPS", "port": str(ports["https"]), "status_code": "HTTP_301"}
        plain = [{"type": "redirect", "redirect": redirect}]
    listeners = {
        "http": lb.Listener(
            f"{name}-http",
            load_balancer_arn=load_balancer_arn,
            port=ports["http"],
            protocol="HTTP",
            default_actions=plain,
            opts=child,
        )
    }
    if certificate is not None:
        listeners["https"] = _https_listener(
            name,
            load_balancer_arn,
            port=ports["https"],
            certificate=certificate,
            default_actions=forward,
            child=child,
        )
    return listeners


def make_keyed_listener(
    name: str,
    load_balancer_arn: pulumi.Input[str],
    target_group_arn: pulumi.Input[str],
    *,
    port: int,
    certificate: pulumi.Input[str],
    keys: Sequence[pulumi.Input[str]],
    child: pulumi.ResourceOptions,
) -> tuple[lb.Listener, lb.ListenerRule]:
    """Serve HTTPS for requests that have one of the keys, and refuse all others with 403."""
    refuse: list[lb.ListenerDefaultActionArgsDict] = [
        {"type": "fixed-response", "fixed_response": {"content_type": "text/plain", "status_code": "403"}}
    ]
    listener = _https_listener(
        name, load_balancer_arn, port=port, certificate=certificate, default_actions=refuse, child=child
    )
    rule = lb.ListenerRule(
        f"{name}-https-cloudfront",
        listener_arn=listener.arn,
        priority=LAST_PRIORITY,
        conditions=[with_key(keys)],
        actions=[{"type": "forward", "target_group_arn": target_group_arn}],
        opts=child,
    )
    return listener, rule


def _https_listener(
    name: str,
    load_balancer_arn: pulumi.Input[str],
    *,
    port: int,
    certificate: pulumi.Input[str],
    default_actions: list[lb.ListenerDefaultActionArgsDict],
    child: pulumi.ResourceOptions,
) -> lb.Listener:
    return lb.Listener(
        f"{name}-https",
        load_balancer_arn=load_balancer_arn,
        port=port,
        protocol="HTTPS",
        ssl_policy=TLS_POLICY,
        certificate_arn=certificate,
        default_actions=default_actions,
        opts=child,
    )
