"""Load balancers: an Application Load Balancer in public subnets replaces that of the stack."""

from typing import Any

import pytest

from infra.reach.laws.balancers import load_balancers_reach_pods
from infra.reach.laws.isolation import internet_reaches_load_balancers_only
from infra.reach.laws.tiers import subnets_fit_their_tier
from infra.reach.laws.tls import internet_is_served_by_tls
from infra.reach.matrix import matrix_of
from infra.reach.verdict import Verdict
from infra.reach.view import view_of
from infra.resources.properties import UNKNOWN
from tests.infra.reach.wiring import Wiring, made
from tests.support.planned import planned_stack

GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
# Resources of the stack that it replaces.
OWN = (
    "LoadBalancer:edge-load-balancer",
    "Listener:edge-http",
    "Listener:edge-https",
    "TargetGroup:edge-pods",
    "TargetGroupBinding:workload-binding",
    "SecurityGroupIngressRule:edge-to-pods",
    "SecurityGroupEgressRule:edge-to-pods",
)
WHOLE = {"ipProtocol": "tcp", "cidrIpv4": "0.0.0.0/0"}


def balanced(**binding: Any) -> Wiring:
    """Return the stack prod with an Application Load Balancer in its public subnets, with listeners on 443 and 80."""
    wiring = Wiring(planned_stack("prod"))
    for own in OWN:
        wiring.drop(own)
    group = made(GROUP, "alb", vpcId=wiring["Vpc:network-vpc"].urn)
    balancer = made("aws:lb/loadBalancer:LoadBalancer", "alb", {"internal": False}, securityGroups=group.urn)
    balancer.properties["subnets"] = UNKNOWN
    balancer.dependencies["subnets"] = [wiring[f"Subnet:network-public-{zone}"].urn for zone in "abc"]
    target = made("aws:lb/targetGroup:TargetGroup", "api", {"port": 8080, "targetType": "ip"})
    for each in (group, balancer, target):
        wiring.add(each)
    for port in (443, 80):
        actions = {"port": port, "defaultActions": [{"type": "forward", "targetGroupArn": UNKNOWN}]}
        listener = made("aws:lb/listener:Listener", f"on-{port}", actions, loadBalancerArn=balancer.urn)
        listener.dependencies["defaultActions"] = [target.urn]
        opened = WHOLE | {"fromPort": port, "toPort": port}
        wiring.add(listener).add(made(INGRESS, f"in-{port}", opened, securityGroupId=group.urn))
    wiring.add(made(EGRESS, "out", {"ipProtocol": "-1", "cidrIpv4": "10.30.0.0/16"}, securityGroupId=group.urn))
    spec = {"targetGroupARN": UNKNOWN, "serviceRef": {"name": "api", "port": "http"}, **binding}
    metadata = {"name": "api", "namespace": UNKNOWN}
    bound = made("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding", "api", {"spec": spec, "metadata": metadata})
    namespace = wiring["Namespace:workload-namespace"].urn
    bound.dependencies.update(spec=[target.urn], metadata=[namespace])
    return wiring.add(bound)


def admitted(wiring: Wiring) -> Wiring:
    """Add the rule of the pods' group that admits the load balancer."""
    rule = {"ipProtocol": "tcp", "fromPort": 8080, "toPort": 8080}
    group, cluster = wiring["SecurityGroup:alb"], wiring["Cluster:cluster-eks"]
    return wiring.add(made(INGRESS, "from-alb", rule, securityGroupId=cluster.urn, referencedSecurityGroupId=group.urn))


def test_the_internet_reaches_it_and_it_reaches_its_pods() -> None:
    """The internet reaches its listeners but not the pods, which see its address instead of the client's."""
    wiring = admitted(balanced())
    view, matrix = view_of(wiring.resources), matrix_of(wiring.resources)

    assert [*load_balancers_reach_pods(view), *internet_reaches_load_balancers_only(view)] == []
    assert list(subnets_fit_their_tier(view)) == []
    assert matrix.answers["internet", "load-balancer"].verdict is Verdict.YES
    assert matrix.answers["internet", "load-balancer"].port == "TCP 443, TCP 80"
    assert matrix.answers["load-balancer", "pods/server"].verdict is Verdict.YES
    assert matrix.answers["internet", "pods/server"].verdict is Verdict.NO


def test_the_controller_allows_traffic_only_as_in_the_binding() -> None:
    """The binding has to allow it by `networking`, or the cluster's group needs a rule."""
    networking = {"ingress": [{"from": [{"securityGroup": {"groupID": UNKNOWN}}], "ports": [{"protocol": "TCP"}]}]}
    assert list(load_balancers_reach_pods(view_of(balanced(networking=networking).resources))) == []

    [found] = load_balancers_reach_pods(view_of(balanced().resources))
    assert found.resource.name == "cluster-eks"
    assert found.finding.startswith("load-balancer cannot reach pods/server on TCP 8080: security group cluster-eks")
    assert found.remedy == "add an ingress rule to it for TCP 8080 from alb"


@pytest.mark.parametrize("port", ["9090", 9090])
def test_health_checks_on_another_port_must_reach_the_pods(port: object) -> None:
    """The group of the pods admits the port of the traffic only, so the targets would stay unhealthy."""
    for same in ("traffic-port", "8080", UNKNOWN):
        wiring = admitted(balanced()).change(
            "TargetGroup:api", lambda p, same=same: p.update(healthCheck={"port": same})
        )
        assert load_balancers_reach_pods(view_of(wiring.resources)) == []

    wiring = admitted(balanced()).change("TargetGroup:api", lambda p: p.update(healthCheck={"port": port}))
    (found,) = load_balancers_reach_pods(view_of(wiring.resources))
    assert found.resource.name == "cluster-eks"
    assert "load-balancer cannot reach pods/server on TCP 9090" in found.finding


@pytest.mark.parametrize(
    ("key", "at", "says"),
    [
        ("SecurityGroupIngressRule:in-443", "alb", "internet cannot reach load-balancer on TCP 443, TCP 80"),
        ("SecurityGroupEgressRule:out", "alb", "no egress rule allows TCP 8080 to pods/server"),
        ("TargetGroupBinding:api", "alb", "its load balancer has no target"),
        ("Listener:on-80", "", ""),
    ],
)
def test_reports_a_missing_part(key: str, at: str, says: str) -> None:
    """A missing rule or binding is reported; one listener less is not."""
    found = list(load_balancers_reach_pods(view_of(admitted(balanced()).drop(key).resources)))

    assert [(each.resource.name, says in each.finding) for each in found] == ([(at, True)] if at else [])


def test_reports_one_in_private_subnets() -> None:
    """It is internet-facing, but its subnets are those of nodes."""
    wiring = admitted(balanced()).point("LoadBalancer:alb", "subnets", "Subnet:network-private-a")

    assert any(
        "network-private-a is for alb (public)" in each.finding
        for each in subnets_fit_their_tier(view_of(wiring.resources))
    )


def test_a_network_load_balancer_may_keep_the_clients_address() -> None:
    """With `preserveClientIp`, the pods' policy has to admit the clients; it admits the VPC only."""
    wiring = admitted(balanced())
    wiring.change("TargetGroup:api", lambda p: p.update(preserveClientIp="true"))
    assert matrix_of(wiring.resources).answers["internet", "load-balancer"].verdict is Verdict.YES

    wiring.change("LoadBalancer:alb", lambda p: p.update(loadBalancerType="network"))
    assert matrix_of(wiring.resources).answers["internet", "load-balancer"].verdict is Verdict.NO


def test_a_service_without_a_selector_has_no_targets() -> None:
    """It selects no pods, so the load balancer has no target."""
    wiring = admitted(balanced()).change("Service:workload-service", lambda p: p["spec"].pop("selector"))

    [found] = load_balancers_reach_pods(view_of(wiring.resources))
    assert "its load balancer has no target" in found.finding


REDIRECT = [{"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443"}}]


@pytest.mark.parametrize(
    ("internal", "protocol", "actions", "found"),
    [
        (False, "HTTP", None, ["on-80"]),
        (False, "HTTP", REDIRECT, []),
        (False, "HTTP", [{"type": "redirect", "redirect": {"protocol": "HTTP", "port": "81"}}], ["on-80"]),
        (False, "HTTPS", None, []),
        (True, "HTTP", None, []),
        (UNKNOWN, "HTTP", None, []),
    ],
)
def test_the_internet_is_served_by_tls(internal: Any, protocol: str, actions: Any, found: list[str]) -> None:
    """HTTP may only redirect to HTTPS; an internal load balancer may serve HTTP."""
    wiring = admitted(balanced()).change("LoadBalancer:alb", lambda p: p.update(internal=internal))
    wiring.change("Listener:on-443", lambda p: p.update(protocol="HTTPS"))
    wiring.change("Listener:on-80", lambda p: p.update(protocol=protocol))
    if actions:
        wiring.change("Listener:on-80", lambda p: p.update(defaultActions=actions))

    breaches = internet_is_served_by_tls(view_of(wiring.resources))
    assert [each.resource.name for each in breaches] == found


@pytest.mark.parametrize(("certificate", "count"), [({}, 1), ({"ssl-cert": "arn:aws:acm:::certificate/a"}, 0)])
def test_an_internet_facing_service_needs_a_certificate(certificate: dict[str, str], count: int) -> None:
    """The certificate is named in an annotation of the controller."""
    wiring = balanced()
    prefix = "service.beta.kubernetes.io/aws-load-balancer-"
    notes = {f"{prefix}scheme": "internet-facing"} | {f"{prefix}{key}": value for key, value in certificate.items()}
    wiring.change("Service:workload-service", lambda p: p["metadata"].update(annotations=notes))
    wiring.change("Service:workload-service", lambda p: p["spec"].update(type="LoadBalancer"))

    assert len(list(internet_is_served_by_tls(view_of(wiring.resources)))) == count
