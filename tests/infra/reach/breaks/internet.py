"""Breaks that let the internet in."""

from infra.resources.properties import UNKNOWN
from tests.infra.reach.breaks.model import INTERNET, Break
from tests.infra.reach.wiring import made

INGRESS = "SecurityGroupIngressRule"

BREAKS = [
    Break(
        name="the database is public, in subnets with a way out, and open to everybody",
        change=lambda w: (
            w.change("Instance:database-instance", lambda p: p.update(publiclyAccessible=True)),
            w.change(
                f"{INGRESS}:database-access-clients",
                lambda p: (p.pop("referencedSecurityGroupId"), p.update(cidrIpv4="0.0.0.0/0")),
            ),
            *(
                w.point(f"RouteTableAssociation:network-database-{zone}", "routeTableId", "RouteTable:network-public")
                for zone in "abc"
            ),
        ),
        law=INTERNET,
        at="database-access",
        says="internet reaches database in network-database-a on TCP 5432",
        remedy="name the security group of those who need it",
    ),
    Break(
        name="nodes have public addresses, in subnets with a way out, and SSH is open",
        change=lambda w: (
            w.change("Subnet:network-private-a", lambda p: p.update(mapPublicIpOnLaunch=True)),
            w.point("RouteTableAssociation:network-private-a", "routeTableId", "RouteTable:network-public"),
            w.add(
                made(
                    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
                    "ssh",
                    {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0"},
                    securityGroupId=w["Cluster:cluster-eks"].urn,
                )
            ),
        ),
        law=INTERNET,
        at="cluster-eks",
        says="internet reaches nodes in network-private-a on TCP 22",
        remedy="name the security group of those who need it",
    ),
    Break(
        name="the Kubernetes API answers the whole internet",
        change=lambda w: w.change(
            "Cluster:cluster-eks", lambda p: p.update(vpcConfig={"endpointPublicAccess": True, "subnetIds": UNKNOWN})
        ),
        law=INTERNET,
        at="cluster-eks",
        says="internet reaches kubernetes-api on TCP 443",
        remedy="name the addresses that need it in publicAccessCidrs",
    ),
]
