"""Breaks of security groups."""

from tests.infra.reach.breaks.model import DATABASE, NEEDS, Break
from tests.infra.reach.wiring import made

INGRESS = "SecurityGroupIngressRule"

BREAKS = [
    Break(
        name="the database's group lets the endpoints' group in, not the cluster's",
        change=lambda w: w.point(
            f"{INGRESS}:database-access-clients", "referencedSecurityGroupId", "SecurityGroup:network-endpoints"
        ),
        law=NEEDS,
        at="database-access",
        says="pods/server, pods/worker, pods/migration cannot reach database on TCP 5432",
        remedy="add an ingress rule to it for TCP 5432 from cluster-eks",
    ),
    Break(
        name="the database is in the endpoints' group",
        change=lambda w: w.point(
            "Instance:database-instance", "vpcSecurityGroupIds", "SecurityGroup:network-endpoints"
        ),
        law=NEEDS,
        at="network-endpoints",
        says="cannot reach database on TCP 5432: security group network-endpoints",
        remedy="add an ingress rule to it for TCP 5432 from cluster-eks",
    ),
    Break(
        name="the database has no group, so the VPC's closed default one",
        change=lambda w: w.change("Instance:database-instance", lambda p: p.pop("vpcSecurityGroupIds")),
        law=NEEDS,
        at="network-default",
        says="security group network-default: no ingress rule allows TCP 5432",
        remedy="add an ingress rule to it for TCP 5432 from cluster-eks",
    ),
    Break(
        name="the database's rule is for another port",
        change=lambda w: w.change(f"{INGRESS}:database-access-clients", lambda p: p.update(fromPort=3306, toPort=3306)),
        law=NEEDS,
        at="database-access",
        says="no ingress rule allows TCP 5432",
        remedy="TCP 5432 from cluster-eks",
    ),
    Break(
        name="the database's rule is for UDP",
        change=lambda w: w.change(f"{INGRESS}:database-access-clients", lambda p: p.update(ipProtocol="udp")),
        law=NEEDS,
        at="database-access",
        says="no ingress rule allows TCP 5432",
        remedy="TCP 5432 from cluster-eks",
    ),
    Break(
        name="the database's rule is missing",
        change=lambda w: w.drop(f"{INGRESS}:database-access-clients"),
        law=NEEDS,
        at="database-access",
        says="no ingress rule allows TCP 5432",
        remedy="TCP 5432 from cluster-eks",
    ),
    Break(
        name="the endpoints' rule is in the database's group",
        change=lambda w: w.point(
            f"{INGRESS}:network-endpoints-https", "securityGroupId", "SecurityGroup:database-access"
        ),
        law=NEEDS,
        at="network-endpoints",
        says="cannot reach queue on TCP 443",
        remedy="add an ingress rule to it for TCP 443 from cluster-eks",
    ),
    Break(
        name="the endpoints let in the addresses of another network",
        change=lambda w: w.change(f"{INGRESS}:network-endpoints-https", lambda p: p.update(cidrIpv4="10.99.0.0/16")),
        law=NEEDS,
        at="network-endpoints",
        says="cannot reach queue on TCP 443",
        remedy="add an ingress rule to it for TCP 443",
    ),
    Break(
        name="the endpoints let in one zone only",
        change=lambda w: w.change(f"{INGRESS}:network-endpoints-https", lambda p: p.update(cidrIpv4="10.30.0.0/19")),
        law=NEEDS,
        at="network-endpoints",
        says="cannot reach queue on TCP 443",
        remedy="add an ingress rule to it for TCP 443",
    ),
    Break(
        name="the whole VPC may connect to the database",
        change=lambda w: w.change(
            f"{INGRESS}:database-access-clients",
            lambda p: (p.pop("referencedSecurityGroupId"), p.update(cidrIpv4="10.30.0.0/16")),
        ),
        law=DATABASE,
        at="database-access",
        says="vpc reaches database",
        remedy="name the security group of those who need it",
    ),
    Break(
        name="the database's group lets it open connections",
        change=lambda w: w.add(
            made(
                "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
                "out",
                {"ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
                securityGroupId=w["SecurityGroup:database-access"].urn,
            )
        ),
        law=DATABASE,
        at="database-access",
        says="database reaches queue on TCP 443",
        remedy="remove its egress rules",
    ),
]
