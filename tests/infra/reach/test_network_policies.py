"""NetworkPolicies follow the rules of Kubernetes and the examples of its documentation.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.reach.ends import End
from infra.reach.network import Network
from infra.reach.port import Port
from infra.reach.verdict import Verdict
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from tests.infra.reach.wiring import URN, made

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
DEPLOYMENT, NAMESPACE = "kubernetes:apps/v1:Deployment", "kubernetes:core/v1:Namespace"
SWITCH = made(
    "kubernetes:core/v1:ConfigMap",
    "switch",
    {
        "metadata": {"name": "amazon-vpc-cni", "namespace": "kube-system"},
        "data": {"enable-network-policy-controller": "true"},
    },
)
PORT = Port("TCP", 8080)
DENY = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def pods(name: str, namespace: str = "shop", **labels: str) -> Resource:
    """Return a Deployment whose pods have the port 8080, named `http`."""
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "c", "ports": [{"name": "http", "containerPort": 8080}]}]},
    }
    return made(DEPLOYMENT, name, {"metadata": {"name": name, "namespace": namespace}, "spec": {"template": template}})


def namespace(name: str, **labels: str) -> Resource:
    """Return a namespace."""
    return made(NAMESPACE, name, {"metadata": {"name": name, "labels": labels}})


def policy(spec: dict[str, Any], name: str = "p", namespace: str = "shop") -> Resource:
    """Return a policy."""
    return made(POLICY, name, {"metadata": {"name": name, "namespace": namespace}, "spec": spec})


THINGS = [
    namespace("shop", team="a"),
    namespace("bank", team="b"),
    pods("web", app="web", tier="front"),
    pods("api", app="api", tier="back"),
    pods("teller", "bank", app="web"),
]
OUTSIDE = (IPv4Network("203.0.113.0/24"),)


def judge(*policies: Resource, source: str = "pods/web", target: str = "pods/api", port: Port = PORT) -> Verdict:
    """Return whether policies let one kind of pods reach another, by egress of the source and ingress of the target."""
    network = Network([*THINGS, SWITCH, *policies])
    found = {pod.name: pod for pod in network.pods}
    ends = {name: End(place=name, addresses=(IPv4Network("10.0.1.0/24"),), pod=pod) for name, pod in found.items()}
    ends["outside"] = End(place="outside", addresses=OUTSIDE)
    hops = []
    if source in found:
        hops.append(network.policies.passes(found[source], ends[target], port, egress=True))
    if target in found:
        hops.append(network.policies.passes(found[target], ends[source], port, egress=False))
    verdicts = [hop.verdict for hop in hops if hop]
    return max(verdicts, key=list(Verdict).index, default=Verdict.YES)


def ingress(*peers: dict[str, Any], ports: Any = None, selector: Any = None) -> dict[str, Any]:
    """Return the specification of a policy for ingress to the API's pods."""
    rule: dict[str, Any] = {"from": list(peers)} if peers else {}
    if ports is not None:
        rule["ports"] = ports
    wanted = {"matchLabels": {"app": "api"}} if selector is None else selector
    return {"podSelector": wanted, "policyTypes": ["Ingress"], "ingress": [rule]}


def test_nothing_is_refused_without_a_policy() -> None:
    """Without policies, pods accept all traffic."""
    assert judge() is Verdict.YES


def test_a_policy_denies_all_traffic_that_it_does_not_allow() -> None:
    """It applies to its directions, its pods and its namespace only."""
    assert judge(policy(DENY)) is Verdict.NO
    assert (
        judge(policy({"podSelector": {}, "policyTypes": ["Ingress"]}), source="outside", target="pods/api")
        is Verdict.NO
    )
    assert judge(policy({"podSelector": {}, "policyTypes": ["Ingress"]}), target="outside") is Verdict.YES
    assert judge(policy(DENY, namespace="bank")) is Verdict.YES
    assert judge(policy(DENY | {"podSelector": {"matchLabels": {"app": "other"}}})) is Verdict.YES


def test_the_types_that_a_policy_has_by_default() -> None:
    """Ingress is always a type; egress is one if there are egress rules."""
    assert judge(policy({"podSelector": {}}), source="outside") is Verdict.NO
    assert judge(policy({"podSelector": {}}), target="outside") is Verdict.YES
    assert judge(policy({"podSelector": {}, "egress": []}), target="outside") is Verdict.NO


ALLOW_WEB = {"podSelector": {"matchLabels": {"app": "web"}}}


@pytest.mark.parametrize(
    ("spec", "source", "verdict"),
    [
        (ingress(), "pods/web", Verdict.YES),
        (ingress(ALLOW_WEB), "pods/web", Verdict.YES),
        (ingress(ALLOW_WEB), "pods/teller", Verdict.NO),
        (ingress({"namespaceSelector": {}}), "pods/teller", Verdict.YES),
        (ingress({"namespaceSelector": {"matchLabels": {"team": "b"}}}), "pods/teller", Verdict.YES),
        (ingress({"namespaceSelector": {"matchLabels": {"team": "b"}}}), "pods/web", Verdict.NO),
        (
            ingress({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "bank"}}}),
            "pods/teller",
            Verdict.YES,
        ),
        (ingress({"namespaceSelector": {"matchLabels": {"team": "b"}}} | ALLOW_WEB), "pods/teller", Verdict.YES),
        (ingress({"namespaceSelector": {"matchLabels": {"team": "b"}}} | ALLOW_WEB), "pods/web", Verdict.NO),
        (ingress({"namespaceSelector": {"matchLabels": {"team": "b"}}}, ALLOW_WEB), "pods/web", Verdict.YES),
        (ingress(ALLOW_WEB), "outside", Verdict.NO),
        (ingress({"ipBlock": {"cidr": "203.0.113.0/24"}}), "outside", Verdict.YES),
        (ingress({"ipBlock": {"cidr": "203.0.0.0/16", "except": ["203.0.113.0/25"]}}), "outside", Verdict.SOME),
        (ingress({"ipBlock": {"cidr": "203.0.0.0/16", "except": ["203.0.113.0/24"]}}), "outside", Verdict.NO),
        (ingress({"ipBlock": {"cidr": "203.0.0.0/16", "except": ["203.0.114.0/24"]}}), "outside", Verdict.YES),
        (ingress({"ipBlock": {"cidr": UNKNOWN}}), "outside", Verdict.UNKNOWN),
        (ingress({"ipBlock": {"cidr": "203.0.113.0/24"}}, {"ipBlock": {"cidr": UNKNOWN}}), "outside", Verdict.YES),
        (ingress(ports=[{"port": 8080}]), "pods/web", Verdict.YES),
        (ingress(ports=[{"port": "http"}]), "pods/web", Verdict.YES),
        (ingress(ports=[{"port": "admin"}]), "pods/web", Verdict.NO),
        (ingress(ports=[{"port": 8000, "endPort": 8100}]), "pods/web", Verdict.YES),
        (ingress(ports=[{"port": 8081, "endPort": 8100}]), "pods/web", Verdict.NO),
        (ingress(ports=[{"port": 8080, "protocol": "UDP"}]), "pods/web", Verdict.NO),
        (ingress(ports=[{"protocol": "TCP"}]), "pods/web", Verdict.YES),
        (ingress(ports=[{"port": 1}, {"port": 8080}]), "pods/web", Verdict.YES),
        (ingress(ports=[]), "pods/web", Verdict.YES),
        (ingress(ports=UNKNOWN), "pods/web", Verdict.UNKNOWN),
        (ingress() | {"podSelector": UNKNOWN, "ingress": []}, "pods/web", Verdict.UNKNOWN),
    ],
)
def test_an_ingress_rule_matches_peers_and_ports(spec: dict[str, Any], source: str, verdict: Verdict) -> None:
    """Both have to match."""
    assert judge(policy(spec), source=source) is verdict


def test_a_named_egress_port_is_that_of_the_target_pod() -> None:
    """The name is resolved in the target; addresses outside of the cluster have no named ports."""
    rule = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"ports": [{"port": "http"}]}]}

    assert judge(policy(rule)) is Verdict.YES
    assert judge(policy(rule), target="outside") is Verdict.NO


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ({"key": "tier", "operator": "In", "values": ["back", "x"]}, Verdict.NO),
        ({"key": "tier", "operator": "In", "values": ["front"]}, Verdict.YES),
        ({"key": "tier", "operator": "NotIn", "values": ["back"]}, Verdict.NO),
        ({"key": "tier", "operator": "Exists"}, Verdict.NO),
        ({"key": "missing", "operator": "DoesNotExist"}, Verdict.NO),
        ({"key": "missing", "operator": "NotIn", "values": ["x"]}, Verdict.NO),
        ({"key": "missing", "operator": "Exists"}, Verdict.YES),
    ],
)
def test_match_expressions_select_pods(expression: dict[str, Any], verdict: Verdict) -> None:
    """The policy denies all ingress, so the answer is NO if the expression selects the API's pods."""
    if expression["operator"] == "NotIn" and expression["key"] == "tier":
        expression = expression | {"values": ["front"]}
    selector = {"matchExpressions": [expression]}

    assert judge(policy({"podSelector": selector, "policyTypes": ["Ingress"]})) is verdict


def test_policies_are_additive() -> None:
    """Another policy does not deny what one allows, and the order is irrelevant."""
    deny, allow = policy(DENY, "deny"), policy(ingress(ALLOW_WEB), "allow")
    leave = policy({"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]}, "leave")

    assert judge(deny, allow) is Verdict.NO
    assert judge(deny, allow, leave) is Verdict.YES
    assert judge(leave, allow, deny) is Verdict.YES


def test_policies_that_are_not_enforced_have_no_effect() -> None:
    """EKS Auto Mode needs a ConfigMap to enforce them, and other clusters a setting of the add-on."""
    network = Network([*THINGS, policy(DENY)])
    assert network.policies.enforced is Verdict.NO
    assert network.policies.passes(network.pods[0], End(place="x", addresses=()), PORT, egress=True) is None

    settings_of = {"addonName": "vpc-cni", "configurationValues": '{"enableNetworkPolicy": "true"}'}
    assert Network([*THINGS, made("aws:eks/addon:Addon", "cni", settings_of)]).policies.enforced is Verdict.YES
    unknown = made("aws:eks/addon:Addon", "cni", settings_of | {"configurationValues": UNKNOWN})
    assert Network([*THINGS, unknown]).policies.enforced is Verdict.UNKNOWN


def test_a_namespace_is_known_by_name_or_by_reference() -> None:
    """In a preview, only the resource of a policy's namespace may be known."""
    unnamed = made(NAMESPACE, "shop", {"metadata": {"name": UNKNOWN}})
    api = pods("api", app="api")
    api = made(
        DEPLOYMENT, "api", {**api.properties, "metadata": {"name": "api", "namespace": UNKNOWN}}, metadata=unnamed.urn
    )
    api.properties["metadata"] = {"name": "api", "namespace": UNKNOWN}
    denying = made(POLICY, "deny", {"spec": DENY}, metadata=unnamed.urn)
    denying.properties["metadata"] = {"name": "deny", "namespace": UNKNOWN}
    network = Network([unnamed, api, denying, SWITCH])

    assert network.pods[0].namespace.key == f"{URN}::{NAMESPACE}::shop"
    assert network.policies.confines(network.pods[0], "Ingress") is Verdict.YES


peers = st.sampled_from([{"ipBlock": {"cidr": f"203.0.{i}.0/{length}"}} for i in (0, 112) for length in (16, 23, 25)])
specs = st.lists(st.lists(peers, max_size=2), min_size=1, max_size=2).map(
    lambda rules: {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": found} if found else {} for found in rules],
    }
)
ORDER = [Verdict.NO, Verdict.SOME, Verdict.YES]


@settings(max_examples=40)
@given(specs, specs)
def test_a_second_policy_denies_nothing(one: dict[str, Any], other: dict[str, Any]) -> None:
    """For selected pods, more rules only allow more, in any order and split over any number of policies."""
    alone = judge(policy(one), source="outside")
    both = judge(policy(one, "a"), policy(other, "b"), source="outside")
    merged = judge(policy(one | {"ingress": [*one["ingress"], *other["ingress"]]}), source="outside")

    assert ORDER.index(both) >= ORDER.index(alone)
    assert both is merged
    assert both is judge(policy(other, "b"), policy(one, "a"), source="outside")
