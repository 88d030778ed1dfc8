"""Breaks of load balancers."""

from tests.infra.reach.breaks.model import BALANCER, Break
from tests.infra.reach.wiring import Wiring

SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme"


def _public(wiring: Wiring) -> Wiring:
    """Put the load balancer on the internet, as `service.scheme: internet-facing` does."""
    wiring.change(
        "Service:workload-service", lambda p: p["metadata"]["annotations"].update({SCHEME: "internet-facing"})
    )
    return wiring.change(
        "NetworkPolicy:workload-server-ingress",
        lambda p: p["spec"]["ingress"][0].update({"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}),
    )


BREAKS = [
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
]
