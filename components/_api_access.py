"""Private access to the API server of a Cluster, from the VPC and from networks connected to it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_aws import ec2, vpc


def make_api_access(
    name: str, vpc_id: pulumi.Input[str], cidrs: Sequence[str], groups: Sequence[str], child: pulumi.ResourceOptions
) -> tuple[ec2.SecurityGroup, list[pulumi.Resource]]:
    """Create the security group of the API server's network interfaces, and a rule for each allowed network or group.

    EKS puts only the network interfaces of the control plane into a group that is passed to the cluster. Its own
    group, which allows only its members, also contains nodes and pods: a rule there would open port 443 of every pod.
    https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
    """
    group = ec2.SecurityGroup(
        f"{name}-api",
        description="HTTPS to the Kubernetes API server",
        vpc_id=vpc_id,
        tags={"Name": f"{name}-api"},
        opts=child,
    )
    return group, [
        *(_rule(f"{name}-api-{cidr}", group, child, cidr_ipv4=cidr) for cidr in cidrs),
        *(_rule(f"{name}-api-{other}", group, child, referenced_security_group_id=other) for other in groups),
    ]


def _rule(
    name: str, group: ec2.SecurityGroup, child: pulumi.ResourceOptions, **source: str
) -> vpc.SecurityGroupIngressRule:
    return vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group.id,
        description="HTTPS to the Kubernetes API server",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        opts=child,
        **source,
    )
