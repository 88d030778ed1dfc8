"""Network: a VPC with public, private and database subnets in fixed slots per availability zone.

Creates the VPC, its closed default security group, subnets and routes, NAT gateways, endpoints, and flow logs in a
private bucket. It does not create peerings, VPNs or DNS zones.
"""

import pulumi
from pulumi_aws import ec2

from components._cidrs import plan_cidrs
from components._endpoints import make_endpoints
from components._flow_logs import make_flow_logs
from components._network_args import NetworkArgs
from components._subnets import make_subnets
from components.order import after

__all__ = ["Network", "NetworkArgs"]


class Network(pulumi.ComponentResource):
    """A VPC whose address plan does not change with its zones. Stateful: the bucket with the flow logs."""

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""

    vpc_cidr: pulumi.Output[str]
    """Addresses of the VPC."""

    public_subnet_ids: pulumi.Output[list[str]]
    """Subnets of load balancers, one for each zone in alphabetical order, known once their routes exist."""

    public_cidrs: pulumi.Output[list[str]]
    """Addresses of the public subnets."""

    private_subnet_ids: pulumi.Output[list[str]]
    """Subnets of nodes and pods, like `public_subnet_ids`."""

    database_subnet_ids: pulumi.Output[list[str]]
    """Subnets of databases, without a route to the internet, like `public_subnet_ids`."""

    database_cidrs: pulumi.Output[list[str]]
    """Addresses of the database subnets."""

    flow_logs_bucket: pulumi.Output[str]
    """Name of the bucket with the flow logs."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:network:Network", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        plan = plan_cidrs(args.cidr, args.zones)

        vpc = ec2.Vpc(
            f"{name}-vpc",
            cidr_block=str(args.cidr),
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": name},
            opts=child,
        )
        # AWS gives every VPC a default security group that allows traffic between its members; remove its rules.
        ec2.DefaultSecurityGroup(f"{name}-default", vpc_id=vpc.id, ingress=[], egress=[], opts=child)
        subnets = make_subnets(name, args, plan, vpc.id, child)
        endpoints = make_endpoints(name, args, vpc.id, subnets, child)
        bucket = make_flow_logs(name, args, vpc.id, child)

        self.vpc_id = vpc.id
        self.vpc_cidr = pulumi.Output.from_input(str(args.cidr))
        self.public_subnet_ids = after(subnets.public_ids, *subnets.routes)
        self.public_cidrs = pulumi.Output.from_input([str(zone.public) for zone in plan])
        self.private_subnet_ids = after(subnets.private_ids, *subnets.routes, *endpoints)
        self.database_subnet_ids = after(subnets.database_ids, *subnets.routes)
        self.database_cidrs = pulumi.Output.from_input([str(zone.database) for zone in plan])
        self.flow_logs_bucket = bucket.bucket
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "vpc_cidr": self.vpc_cidr,
                "public_subnet_ids": self.public_subnet_ids,
                "public_cidrs": self.public_cidrs,
                "private_subnet_ids": self.private_subnet_ids,
                "database_subnet_ids": self.database_subnet_ids,
                "database_cidrs": self.database_cidrs,
                "flow_logs_bucket": self.flow_logs_bucket,
            }
        )
