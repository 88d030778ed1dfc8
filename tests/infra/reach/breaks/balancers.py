"""Breaks of load balancers."""

from tests.infra.reach.breaks.model import BALANCER, Break
from tests.infra.reach.wiring import Wiring

LISTENERS = ("http", "https")
CIDRS = ("10.30.0.0-16", "10.10.0.0-16", "10.20.0.0-16")


def _public(wiring: Wiring) -> Wiring:
    """Put the load balancer on the internet, as `edge.scheme: internet-facing` does."""
    wiring.change("LoadBalancer:edge-load-balancer", lambda p: p.update(internal=False))
    for listener in LISTENERS:
        for cidr in CIDRS:
            key = f"SecurityGroupIngressRule:edge-{listener}-{cidr}"
            wiring.change(key, lambda p: p.update(cidrIpv4="0.0.0.0/0"))
    return wiring


BREAKS = [
    Break(
        name="the load balancer is in no subnet",
        change=lambda w: w.change("LoadBalancer:edge-load-balancer", lambda p: p.update(subnets=[])),
        law=BALANCER,
        at="edge-load-balancer",
        says="its internal load balancer finds no subnet",
        remedy="name its subnets",
    ),
    Break(
        name="the Service selects no pods",
        change=lambda w: w.change("Service:workload-service", lambda p: p["spec"].update(selector={"app": "other"})),
        law=BALANCER,
        at="edge-load-balancer",
        says="its load balancer has no target",
        remedy="labels of the pods as its selector",
    ),
    Break(
        name="the Service leads to a port that no container has",
        change=lambda w: w.change("Service:workload-service", lambda p: p["spec"]["ports"][0].update(targetPort="web")),
        law=BALANCER,
        at="edge-load-balancer",
        says="its load balancer has no target",
        remedy="targetPort",
    ),
    Break(
        name="the binding is of another port of the Service",
        change=lambda w: w.change(
            "TargetGroupBinding:workload-binding", lambda p: p["spec"]["serviceRef"].update(port=81)
        ),
        law=BALANCER,
        at="edge-load-balancer",
        says="its load balancer has no target",
        remedy="targetPort",
    ),
    Break(
        name="the pods' policy does not let the load balancer in",
        change=lambda w: w.change(
            "NetworkPolicy:workload-server-ingress",
            lambda p: p["spec"]["ingress"][0].update({"from": [{"ipBlock": {"cidr": "10.30.128.0/20"}}]}),
        ),
        law=BALANCER,
        at="workload-server-ingress",
        says="load-balancer cannot reach pods/server on TCP 8080",
        remedy="add an ingress rule for TCP 8080 from",
    ),
    Break(
        name="the pods' security group does not let the load balancer in",
        change=lambda w: w.drop("SecurityGroupIngressRule:edge-to-pods"),
        law=BALANCER,
        at="cluster-eks",
        says="load-balancer cannot reach pods/server on TCP 8080",
        remedy="add an ingress rule to it for TCP 8080 from",
    ),
    Break(
        name="a public load balancer's security group lets in the VPC only",
        change=lambda w: w.change("LoadBalancer:edge-load-balancer", lambda p: p.update(internal=False)),
        law=BALANCER,
        at="edge-load-balancer",
        says="internet cannot reach load-balancer on TCP",
        remedy="add an ingress rule to it for TCP",
    ),
    Break(
        name="a public load balancer is in a subnet without a way back",
        change=lambda w: _public(w).drop("Route:network-public"),
        law=BALANCER,
        at="network-public",
        says="no route to an internet gateway",
        remedy="route 0.0.0.0/0 to an internet gateway of the VPC",
    ),
]
