"""Breaks of endpoints, and of the names that lead to them."""

from tests.infra.reach.breaks.model import NEEDS, Break
from tests.infra.reach.wiring import Wiring

DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}'

INTERFACE = "VpcEndpoint:network-s3-interface"


def gateway_only(wiring: Wiring) -> Wiring:
    """Remove the interface endpoint of S3, if the stack has one beside the gateway endpoint."""
    return wiring.drop(INTERFACE) if INTERFACE in wiring else wiring


BREAKS = [
    Break(
        name="the policy of the queue's endpoint denies everything",
        change=lambda w: w.change("VpcEndpoint:network-sqs", lambda p: p.update(policy=DENY)),
        law=NEEDS,
        at="network-sqs",
        says="cannot reach queue on TCP 443: policy of endpoint network-sqs: allows no request",
        remedy="allow the service's requests in the policy",
    ),
    Break(
        name="the policy of the S3 endpoint denies everything",
        change=lambda w: gateway_only(w).change("VpcEndpoint:network-s3", lambda p: p.update(policy=DENY)),
        law=NEEDS,
        at="network-s3",
        says="cannot reach registry",
        remedy="allow the service's requests in the policy",
    ),
    Break(
        name="there is no endpoint for the queue",
        change=lambda w: w.drop("VpcEndpoint:network-sqs"),
        law=NEEDS,
        at="workload-app-egress",
        says="to queue; the VPC has no interface endpoint for sqs",
        remedy="add an interface endpoint for sqs, or add an egress rule for TCP 443",
        stack="dev",  # the others open 443, for the keys of authentication
    ),
    Break(
        name="there is no endpoint for the queue, and 443 is open for the keys of authentication",
        change=lambda w: w.drop("VpcEndpoint:network-sqs"),
        law=NEEDS,
        at="network-vpc",
        says="reach queue outside the VPC, by a rule that opens TCP 443 for another reason",
        remedy="add an interface endpoint for sqs",
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
        name="there is no endpoint for the output of pods, and no NAT gateway",
        change=lambda w: w.drop("VpcEndpoint:network-logs"),
        law=NEEDS,
        at="network-private-a",
        says="nodes cannot reach logs on TCP 443",
        remedy="add an interface endpoint for logs",
        stack="local",
    ),
    Break(
        name="the S3 endpoint is not in a table of a zone, and there is no NAT gateway",
        change=lambda w: gateway_only(w).point(
            "VpcEndpoint:network-s3", "routeTableIds", "RouteTable:network-private-a"
        ),
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
        stack="dev",  # the others open 443, for the keys of authentication
    ),
    Break(
        name="the VPC gives no names to endpoints",
        change=lambda w: w.change("Vpc:network-vpc", lambda p: p.pop("enableDnsHostnames")),
        law=NEEDS,
        at="workload-app-egress",
        says="cannot reach queue on TCP 443",
        remedy="add an interface endpoint for sqs, or add an egress rule for TCP 443",
        stack="dev",  # the others open 443, for the keys of authentication
    ),
    Break(
        name="the VPC gives no names to endpoints, and 443 is open for the keys of authentication",
        change=lambda w: w.change("Vpc:network-vpc", lambda p: p.pop("enableDnsHostnames")),
        law=NEEDS,
        at="network-vpc",
        says="the name of sqs does not resolve to network-sqs",
        remedy="set privateDnsEnabled of the endpoint, and enableDnsSupport and enableDnsHostnames of the VPC",
    ),
    Break(
        name="the VPC's resolver is off",
        change=lambda w: w.change("Vpc:network-vpc", lambda p: p.update(enableDnsSupport=False)),
        law=NEEDS,
        at="network-vpc",
        says="cannot reach dns",
        remedy="set enableDnsSupport",
    ),
]
