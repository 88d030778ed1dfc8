"""The VPC endpoints of a Network, which reach AWS without the internet."""

from __future__ import annotations

import pulumi
from pulumi_aws import ec2, vpc

from components._network_args import NetworkArgs
from components._subnets import Subnets

# By default, the name of S3 resolves to public addresses inside the VPC, for the gateway endpoint. The network policy
# of pods does not admit these:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html#private-dns-s3
ALL_RESOLVERS: ec2.VpcEndpointDnsOptionsArgsDict = {"private_dns_only_for_inbound_resolver_endpoint": False}


def make_endpoints(
    name: str, args: NetworkArgs, vpc_id: pulumi.Output[str], subnets: Subnets, child: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """Create the S3 gateway endpoint (free; image layers use it) and the requested interface endpoints."""
    s3 = ec2.VpcEndpoint(
        f"{name}-s3",
        vpc_id=vpc_id,
        service_name=f"com.amazonaws.{args.region}.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id for table in subnets.private_tables],
        tags={"Name": f"{name}-s3"},
        opts=child,
    )
    if not args.interface_endpoints:
        return [s3]
    group = ec2.SecurityGroup(
        f"{name}-endpoints",
        description="HTTPS from inside the VPC to AWS service endpoints",
        vpc_id=vpc_id,
        tags={"Name": f"{name}-endpoints"},
        opts=child,
    )
    rule = vpc.SecurityGroupIngressRule(
        f"{name}-endpoints-https",
        security_group_id=group.id,
        description="HTTPS from the VPC",
        cidr_ipv4=str(args.cidr),
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        opts=child,
    )
    return [
        s3,
        rule,
        *(
            ec2.VpcEndpoint(
                f"{name}-{_label(service).replace('.', '-')}",
                vpc_id=vpc_id,
                service_name=f"com.amazonaws.{args.region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                dns_options=ALL_RESOLVERS if service == "s3" else None,
                subnet_ids=subnets.private_ids,
                security_group_ids=[group.id],
                tags={"Name": f"{name}-{_label(service)}"},
                opts=child,
            )
            for service in sorted(set(args.interface_endpoints))
        ),
    ]


def _label(service: str) -> str:
    """Return what distinguishes an interface endpoint from others. The gateway endpoint of S3 is `s3`."""
    return "s3-interface" if service == "s3" else service
