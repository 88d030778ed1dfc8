"""Breaks of the wiring, one a row: what is changed in a stack, and how the law that finds it has to name it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.policy.properties import UNKNOWN
from infra.policy.rule import Resource
from tests.infra.reach.wiring import Wiring, made
from tests.support.planned import planned_stack

NEEDS, BALANCER, INTERNET, DATABASE, TIERS, CONFINED = (
    "needs",
    "balancer",
    "internet",
    "database",
    "tiers",
    "confined",
)
INGRESS = "SecurityGroupIngressRule"
ACL, ACL_RULE = "aws:ec2/networkAcl:NetworkAcl", "aws:ec2/networkAclRule:NetworkAclRule"
ROUTE = "aws:ec2/route:Route"
SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme"


@dataclass(frozen=True, kw_only=True)
class Break:
    """One mistake in the wiring."""

    name: str
    change: Callable[[Wiring], object]
    law: str
    """The law that has to find it."""
    at: str
    """Name of the resource that has to be named."""
    says: str
    """What the finding has to say."""
    remedy: str
    """What the remedy has to say."""
    stack: str = "prod"


def _egress(wiring: Wiring, index: int) -> Wiring:
    return wiring.change("NetworkPolicy:workload-app-egress", lambda p: p["spec"]["egress"].pop(index))


def _public(wiring: Wiring) -> Wiring:
    """Put the load balancer on the internet, as `service.scheme: internet-facing` does."""
    wiring.change(
        "Service:workload-service", lambda p: p["metadata"]["annotations"].update({SCHEME: "internet-facing"})
    )
    return wiring.change(
        "NetworkPolicy:workload-server-ingress",
        lambda p: p["spec"]["ingress"][0].update({"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}),
    )


def _acl(subnet: str, **rules: list[dict[str, Any]]) -> Callable[[Wiring], Wiring]:
    def change(wiring: Wiring) -> Wiring:
        acl = made(ACL, "acl", {**rules}, vpcId=wiring["Vpc:network-vpc"].urn, subnetIds=wiring[f"Subnet:{subnet}"].urn)
        return wiring.add(acl)

    return change


def _entry(number: int, action: str, first: int = 0, last: int = 0, protocol: str = "tcp") -> dict[str, Any]:
    return {
        "ruleNo": number,
        "action": action,
        "protocol": protocol,
        "fromPort": first,
        "toPort": last,
        "cidrBlock": "0.0.0.0/0",
    }


ALL = [_entry(100, "allow", protocol="-1")]

BREAKS = [
    # Security groups
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
        remedy="take its egress rules away",
    ),
    # Routes and associations
    Break(
        name="a private subnet has no association",
        change=lambda w: w.drop("RouteTableAssociation:network-private-b"),
        law=TIERS,
        at="network-private-b",
        says="has no route table of its own",
        remedy="associate it with a route table that leads 0.0.0.0/0 to a NAT gateway",
    ),
    Break(
        name="a public subnet has no association",
        change=lambda w: w.drop("RouteTableAssociation:network-public-a"),
        law=TIERS,
        at="network-public-a",
        says="network-public-a is public and has no route table of its own",
        remedy="to an internet gateway",
    ),
    Break(
        name="a private subnet has the public table",
        change=lambda w: w.point(
            "RouteTableAssociation:network-private-a", "routeTableId", "RouteTable:network-public"
        ),
        law=TIERS,
        at="network-public",
        says="network-private-a is for nodes, and its table network-public leads to an internet gateway",
        remedy="lead it to a NAT gateway",
    ),
    Break(
        name="a private subnet has the database's table",
        change=lambda w: w.point(
            "RouteTableAssociation:network-private-c", "routeTableId", "RouteTable:network-database"
        ),
        law=TIERS,
        at="network-database",
        says="network-private-c is for nodes, and its table network-database has no route",
        remedy="to a NAT gateway",
    ),
    Break(
        name="a database subnet has a private table",
        change=lambda w: w.point(
            "RouteTableAssociation:network-database-a", "routeTableId", "RouteTable:network-private-a"
        ),
        law=TIERS,
        at="network-private-a",
        says="network-database-a is for databases, and its table network-private-a has a way out",
        remedy="take the route away",
    ),
    Break(
        name="the database's table has a route to the internet gateway",
        change=lambda w: w.add(
            made(
                ROUTE,
                "leak",
                {"destinationCidrBlock": "0.0.0.0/0"},
                routeTableId=w["RouteTable:network-database"].urn,
                gatewayId=w["InternetGateway:network-igw"].urn,
            )
        ),
        law=TIERS,
        at="leak",
        says="has a way out: 0.0.0.0/0 by leak",
        remedy="take the route away",
    ),
    Break(
        name="the public table has no route to the internet gateway",
        change=lambda w: w.drop("Route:network-public"),
        law=TIERS,
        at="network-public",
        says="has no route from 0.0.0.0/0 to an internet gateway",
        remedy="lead 0.0.0.0/0 to an internet gateway",
    ),
    Break(
        name="a private table has no route to its NAT gateway",
        change=lambda w: w.drop("Route:network-private-b"),
        law=TIERS,
        at="network-private-b",
        says="its table network-private-b has no route from 0.0.0.0/0 to a NAT gateway",
        remedy="lead 0.0.0.0/0 to a NAT gateway",
    ),
    Break(
        name="a NAT gateway is in a private subnet",
        change=lambda w: w.point("NatGateway:network-nat-a", "subnetId", "Subnet:network-private-a"),
        law=TIERS,
        at="cluster-eks",
        says="network-private-a is for network-nat-a (public) and for cluster-eks (nodes)",
        remedy="give each tier its own subnets",
    ),
    Break(
        name="the database's subnet group names private subnets",
        change=lambda w: w.point(
            "SubnetGroup:database-subnets", "subnetIds", "Subnet:network-private-a", "Subnet:network-private-b"
        ),
        law=TIERS,
        at="database-instance",
        says="network-private-a is for cluster-eks (nodes) and for database-instance (database)",
        remedy="give each tier its own subnets",
    ),
    Break(
        name="the cluster is in the public subnets",
        change=lambda w: w.point(
            "Cluster:cluster-eks", "vpcConfig", "Subnet:network-public-a", "Subnet:network-public-b"
        ),
        law=TIERS,
        at="cluster-eks",
        says="network-public-a is for network-nat-a (public) and for cluster-eks (nodes)",
        remedy="give each tier its own subnets",
    ),
    Break(
        name="a database subnet has no association",
        change=lambda w: w.drop("RouteTableAssociation:network-database-b"),
        law=TIERS,
        at="network-database-b",
        says="is for databases and has no route table of its own, so that it has the main one of network-vpc",
        remedy="associate it with a route table that has no route but the local one",
    ),
    Break(
        name="all NAT gateways are in one zone",
        change=lambda w: [
            w.point(f"NatGateway:network-nat-{zone}", "subnetId", "Subnet:network-public-a") for zone in "bc"
        ],
        law=TIERS,
        at="network-nat-c",
        says="it is in network-public-a, where network-nat-a is",
        remedy="put each NAT gateway in the public subnet of its zone",
    ),
    Break(
        name="the endpoints are in the public subnets",
        change=lambda w: w.point("VpcEndpoint:network-sqs", "subnetIds", "Subnet:network-public-a"),
        law=TIERS,
        at="network-sqs",
        says="network-public-a is for network-nat-a (public) and for network-sqs (internal)",
        remedy="give each tier its own subnets",
    ),
    Break(
        name="the internal load balancer is in the database's subnets",
        change=lambda w: w.change(
            "Subnet:network-database-a", lambda p: p.update(tags={"kubernetes.io/role/internal-elb": "1"})
        ),
        law=TIERS,
        at="database-instance",
        says="network-database-a is for workload-service (internal) and for database-instance (database)",
        remedy="give each tier its own subnets",
    ),
    Break(
        name="the internet gateway is attached to no VPC",
        change=lambda w: w.change("InternetGateway:network-igw", lambda p: p.pop("vpcId")),
        law=NEEDS,
        at="network-public",
        says="nodes cannot reach registry on TCP 443: route table network-public of network-public-a: no way to the",
        remedy="leads 0.0.0.0/0 to an attached internet gateway",
        stack="dev",
    ),
    # Endpoints and names
    Break(
        name="there is no endpoint for the queue",
        change=lambda w: w.drop("VpcEndpoint:network-sqs"),
        law=NEEDS,
        at="workload-app-egress",
        says="to queue; the VPC has no interface endpoint for sqs",
        remedy="add an interface endpoint for sqs, or add an egress rule for TCP 443",
    ),
    Break(
        name="there is no endpoint for the queue, and no NAT gateway",
        change=lambda w: w.drop("VpcEndpoint:network-sqs", "NetworkPolicy:workload-default-deny").change(
            "NetworkPolicy:workload-app-egress", lambda p: p["spec"]["egress"].append({})
        ),
        law=NEEDS,
        at="network-private-a",
        says="no route to the public addresses of sqs; the VPC has no interface endpoint for sqs",
        remedy="add an interface endpoint for sqs",
        stack="local",
    ),
    Break(
        name="there is no endpoint for the registry, and no NAT gateway",
        change=lambda w: w.drop("VpcEndpoint:network-ecr-dkr"),
        law=NEEDS,
        at="network-private-a",
        says="nodes cannot reach registry on TCP 443",
        remedy="add an interface endpoint for ecr.dkr",
        stack="local",
    ),
    Break(
        name="the S3 endpoint is not in a table of a zone, and there is no NAT gateway",
        change=lambda w: w.point("VpcEndpoint:network-s3", "routeTableIds", "RouteTable:network-private-a"),
        law=NEEDS,
        at="network-private-b",
        says="no route to the public addresses of s3",
        remedy="endpoint for s3",
        stack="local",
    ),
    Break(
        name="the queue's endpoint has no private DNS",
        change=lambda w: w.change("VpcEndpoint:network-sqs", lambda p: p.update(privateDnsEnabled=False)),
        law=NEEDS,
        at="workload-app-egress",
        says="cannot reach queue on TCP 443",
        remedy="add an interface endpoint for sqs, or add an egress rule for TCP 443",
    ),
    Break(
        name="the VPC gives no names to endpoints",
        change=lambda w: w.change("Vpc:network-vpc", lambda p: p.pop("enableDnsHostnames")),
        law=NEEDS,
        at="workload-app-egress",
        says="cannot reach queue on TCP 443",
        remedy="add an interface endpoint for sqs, or add an egress rule for TCP 443",
    ),
    Break(
        name="the VPC's resolver is off",
        change=lambda w: w.change("Vpc:network-vpc", lambda p: p.update(enableDnsSupport=False)),
        law=NEEDS,
        at="network-vpc",
        says="cannot reach dns",
        remedy="set enableDnsSupport",
    ),
    # NetworkPolicies
    Break(
        name="no policy lets pods ask DNS",
        change=lambda w: _egress(w, 0),
        law=NEEDS,
        at="workload-app-egress",
        says="pods/server, pods/worker, pods/migration cannot reach dns on UDP 53, TCP 53",
        remedy="add an egress rule for UDP 53",
    ),
    Break(
        name="no policy lets pods reach the database",
        change=lambda w: _egress(w, 1),
        law=NEEDS,
        at="workload-app-egress",
        says="cannot reach database on TCP 5432: NetworkPolicy workload-app-egress: no egress rule allows TCP 5432",
        remedy="add an egress rule for TCP 5432 to 10.30.",
    ),
    Break(
        name="a policy lets pods reach the database in two of three zones",
        change=lambda w: w.change("NetworkPolicy:workload-app-egress", lambda p: p["spec"]["egress"][1]["to"].pop()),
        law=NEEDS,
        at="workload-app-egress",
        says="cannot reach database on TCP 5432",
        remedy="add an egress rule for TCP 5432 to 10.30.",
    ),
    Break(
        name="no policy lets pods reach their credentials",
        change=lambda w: _egress(w, 2),
        law=NEEDS,
        at="workload-app-egress",
        says="cannot reach pod-identity on TCP 80",
        remedy="add an egress rule for TCP 80 to 169.254.170.23/32",
    ),
    Break(
        name="no policy lets pods reach AWS",
        change=lambda w: _egress(w, 3),
        law=NEEDS,
        at="workload-app-egress",
        says="cannot reach queue on TCP 443",
        remedy="add an egress rule for TCP 443",
    ),
    Break(
        name="the policy of egress selects other pods",
        change=lambda w: w.change(
            "NetworkPolicy:workload-app-egress",
            lambda p: p["spec"].update(podSelector={"matchLabels": {"app.kubernetes.io/name": "other"}}),
        ),
        law=NEEDS,
        at="workload-default-deny",
        says="cannot reach database on TCP 5432: NetworkPolicy workload-default-deny",
        remedy="add an egress rule for TCP 5432",
    ),
    Break(
        name="no policy lets clients in",
        change=lambda w: w.drop("NetworkPolicy:workload-server-ingress"),
        law=BALANCER,
        at="workload-default-deny",
        says="load-balancer cannot reach pods/server on TCP 8080",
        remedy="add an ingress rule for TCP 8080",
    ),
    Break(
        name="the policy of ingress is for another port",
        change=lambda w: w.change(
            "NetworkPolicy:workload-server-ingress", lambda p: p["spec"]["ingress"][0]["ports"][0].update(port=80)
        ),
        law=BALANCER,
        at="workload-server-ingress",
        says="load-balancer cannot reach pods/server on TCP 8080",
        remedy="add an ingress rule for TCP 8080",
    ),
    Break(
        name="nothing denies by default",
        change=lambda w: w.drop("NetworkPolicy:workload-default-deny"),
        law=CONFINED,
        at="workload-worker",
        says="no NetworkPolicy selects pods/worker for Ingress",
        remedy="empty podSelector and the policyType Ingress",
    ),
    Break(
        name="policies are not switched on",
        change=lambda w: w.drop("ConfigMap:network-policy-switch"),
        law=CONFINED,
        at="workload-app-egress",
        says="NetworkPolicies are not enforced",
        remedy="ConfigMap amazon-vpc-cni",
    ),
    # Load balancer
    Break(
        name="no subnet is tagged for the load balancer",
        change=lambda w: [
            w.change(f"Subnet:network-private-{zone}", lambda p: p["tags"].pop("kubernetes.io/role/internal-elb"))
            for zone in "abc"
        ],
        law=BALANCER,
        at="workload-service",
        says="its internal load balancer finds no subnet",
        remedy="tag a subnet kubernetes.io/role/internal-elb",
    ),
    Break(
        name="the Service selects no pods",
        change=lambda w: w.change("Service:workload-service", lambda p: p["spec"].update(selector={"app": "other"})),
        law=BALANCER,
        at="workload-service",
        says="its load balancer has no target",
        remedy="labels of the pods as its selector",
    ),
    Break(
        name="the Service leads to a port that no container has",
        change=lambda w: w.change("Service:workload-service", lambda p: p["spec"]["ports"][0].update(targetPort="web")),
        law=BALANCER,
        at="workload-service",
        says="its load balancer has no target",
        remedy="targetPort",
    ),
    Break(
        name="a public load balancer's clients are not let in by the policy",
        change=lambda w: w.change(
            "Service:workload-service", lambda p: p["metadata"]["annotations"].update({SCHEME: "internet-facing"})
        ),
        law=BALANCER,
        at="workload-server-ingress",
        says="internet cannot reach load-balancer on TCP 80",
        remedy="add an ingress rule for TCP 8080 from",
    ),
    Break(
        name="a public load balancer is in a subnet without a way back",
        change=lambda w: _public(w).drop("Route:network-public"),
        law=BALANCER,
        at="network-public",
        says="no route to an internet gateway",
        remedy="lead 0.0.0.0/0 to an internet gateway of the VPC",
    ),
    # The internet
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
    # Network ACLs
    Break(
        name="an ACL denies PostgreSQL into a database subnet",
        change=_acl("network-database-a", ingress=[_entry(50, "deny", 5432, 5432), *ALL], egress=ALL),
        law=NEEDS,
        at="acl",
        says="network ACL acl of network-database-a: denies TCP 5432 from pods/server",
        remedy="allow TCP 5432 from",
    ),
    Break(
        name="an ACL denies the answers of a database subnet",
        change=_acl("network-database-b", ingress=ALL, egress=[_entry(100, "allow", 443, 443)]),
        law=NEEDS,
        at="acl",
        says="denies TCP 32768-60999 to pods/server",
        remedy="allow TCP 32768-60999 to",
    ),
    Break(
        name="an ACL allows a part of the ports of answers",
        change=_acl(
            "network-private-a", egress=ALL, ingress=[_entry(1, "allow", 1, 40000), _entry(2, "allow", 443, 443)]
        ),
        law=NEEDS,
        at="acl",
        says="denies a part of TCP 32768-60999 from",
        remedy="allow TCP 32768-60999 from",
    ),
]


def broken_stack(name: str) -> list[Resource]:
    """Give the resources of a stack with one break, by its name."""
    broken = next(each for each in BREAKS if each.name == name)
    wiring = Wiring(planned_stack(broken.stack))
    broken.change(wiring)
    return wiring.resources
