"""Breaks of NetworkPolicies."""

from tests.infra.reach.breaks.model import BALANCER, CONFINED, NEEDS, Break
from tests.infra.reach.wiring import Wiring


def _egress(wiring: Wiring, index: int) -> Wiring:
    return wiring.change("NetworkPolicy:workload-app-egress", lambda p: p["spec"]["egress"].pop(index))


BREAKS = [
    Break(
        name="the policy of egress allows IPv6 only",
        change=lambda w: w.change(
            "NetworkPolicy:workload-app-egress",
            lambda p: [rule.update(to=[{"ipBlock": {"cidr": "::/0"}}]) for rule in p["spec"]["egress"][1:]],
        ),
        law=NEEDS,
        at="workload-app-egress",
        says="cannot reach database on TCP 5432: NetworkPolicy workload-app-egress: no egress rule allows TCP 5432",
        remedy="add an egress rule for TCP 5432 to 10.30.",
    ),
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
        name="no policy lets pods without a queue reach the credentials that they sign in to the database with",
        change=lambda w: _egress(w.drop("Queue:jobs-queue", "Queue:jobs-dead-letters"), 2),
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
        stack="dev",  # the others open 443, for the keys of authentication
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
]
