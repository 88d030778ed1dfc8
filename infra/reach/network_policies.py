"""What NetworkPolicies let a kind of pods do. See `pods` for the rules, and where they come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.policy.properties import UNKNOWN, items, mapping
from infra.policy.rule import Resource
from infra.reach.addresses import Blocks, block, covered, within, without
from infra.reach.ends import End, Port
from infra.reach.graph import Graph
from infra.reach.pods import Namespace, Namespaces, Pod
from infra.reach.selectors import selects
from infra.reach.values import known_bool, number, text
from infra.reach.verdict import Hop, Verdict, along, any_of

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
ADDON = "aws:eks/addon:Addon"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A NetworkPolicy and its namespace."""

    resource: Resource
    namespace: Namespace
    spec: dict[str, Any]


class NetworkPolicies:
    """All NetworkPolicies of a plan, and whether anything enforces them."""

    def __init__(self, graph: Graph, namespaces: Namespaces) -> None:
        self._policies = [
            Policy(resource=each, namespace=namespaces.of(each), spec=mapping(each.properties.get("spec")))
            for each in graph.all(POLICY)
        ]
        self.enforced = _enforced(graph)
        self.resources = [policy.resource for policy in self._policies]

    def passes(self, pod: Pod, peer: End, port: Port, *, egress: bool) -> Hop | None:
        """Whether policies let the pod reach a peer, or be reached by it; None where none selects the pod."""
        direction = "Egress" if egress else "Ingress"
        selecting = [
            (policy, how) for policy in self._policies if (how := _selects(policy, pod, direction)) is not Verdict.NO
        ]
        if not selecting or self.enforced is Verdict.NO or pod.on_host_network:
            return None
        verdict, at = self._judge([policy for policy, _ in selecting], pod, peer, port, egress=egress)
        if verdict is not Verdict.YES and (
            self.enforced is Verdict.UNKNOWN or all(how is Verdict.UNKNOWN for _, how in selecting)
        ):
            verdict = Verdict.UNKNOWN
        who = f"{port} {'to' if egress else 'from'} {peer.place}"
        return Hop(
            at=f"NetworkPolicy {at.name}",
            verdict=verdict,
            why={
                Verdict.YES: f"allows {who}",
                Verdict.SOME: f"allows {who} in part",
                Verdict.UNKNOWN: f"may allow {who}; it is not known yet",
                Verdict.NO: f"no {direction.lower()} rule allows {who}",
            }[verdict],
            resource=at,
            remedy=f"add an {direction.lower()} rule for {port} {'to' if egress else 'from'} {peer.whom}",
        )

    def confines(self, pod: Pod, direction: str) -> Verdict:
        """Whether a policy selects the pod for a direction, `Ingress` or `Egress`."""
        return any_of(_selects(policy, pod, direction) for policy in self._policies)

    @staticmethod
    def _judge(
        policies: Sequence[Policy], pod: Pod, peer: End, port: Port, *, egress: bool
    ) -> tuple[Verdict, Resource]:
        """What the policies allow together, and the one that says so: that allows it, or that has rules at all."""
        found: list[Verdict] = []
        allowed: list[Any] = []
        speaker = policies[0].resource
        for policy in policies:
            rules = policy.spec.get("egress" if egress else "ingress")
            if rules is UNKNOWN:
                found.append(Verdict.UNKNOWN)
            for rule in map(mapping, items(rules)):
                fits = _ports(rule.get("ports"), peer.pod if egress else pod, port)
                if fits is Verdict.NO:
                    continue
                verdict, parts = _peers(rule.get("to" if egress else "from"), policy.namespace, peer)
                verdict = along([fits, verdict])
                if fits is Verdict.YES:
                    allowed += parts
                if verdict is not Verdict.NO and any_of([*found, verdict]) is verdict:
                    speaker = policy.resource
                found.append(verdict)
            if items(rules) and any_of(found) is Verdict.NO:
                speaker = policy.resource
        return any_of([*found, covered(peer.addresses, allowed)]), speaker


def _selects(policy: Policy, pod: Pod, direction: str) -> Verdict:
    """Whether a policy selects a pod for a direction: for ingress always, for egress if it says anything of it."""
    types = policy.spec.get("policyTypes")
    implied = ["Ingress", *(["Egress"] if policy.spec.get("egress") is not None else [])]
    if types is UNKNOWN:
        typed = Verdict.UNKNOWN
    else:
        typed = Verdict.YES if direction in (items(types) or implied) else Verdict.NO
    if "" in (policy.namespace.key, pod.namespace.key):
        same = Verdict.UNKNOWN
    else:
        same = Verdict.YES if policy.namespace.key == pod.namespace.key else Verdict.NO
    return along([typed, same, selects(policy.spec.get("podSelector"), pod.labels)])


def _ports(ports: Any, pod: Pod | None, port: Port) -> Verdict:
    """Whether a rule is for a port: each is without `ports`; one is a number, a range, or the name of a pod's port."""
    if ports is UNKNOWN:
        return Verdict.UNKNOWN
    if not items(ports):
        return Verdict.YES
    return any_of(_port(mapping(each), pod, port) for each in items(ports))


def _port(entry: dict[str, Any], pod: Pod | None, port: Port) -> Verdict:
    kind, first = entry.get("protocol", "TCP"), entry.get("port")
    if UNKNOWN in (kind, first, entry.get("endPort")):
        return Verdict.UNKNOWN
    if kind != port.protocol:
        return Verdict.NO
    if first is None:
        return Verdict.YES
    low = number(first)
    if low is None:
        low = pod.ports.get(text(first)) if pod else None
    high = number(entry.get("endPort"))
    return Verdict.YES if low is not None and low <= port.number <= (high or low) else Verdict.NO


def _peers(peers: Any, namespace: Namespace, peer: End) -> tuple[Verdict, Blocks]:
    """Whether a rule is for a peer, and for which of its addresses: everybody without `from` or `to`."""
    if peers is UNKNOWN:
        return Verdict.UNKNOWN, ()
    if not items(peers):
        return Verdict.YES, peer.addresses
    found: list[Verdict] = []
    allowed: list[Any] = []
    for each in map(mapping, items(peers)):
        if each.get("ipBlock") is not None:
            verdict, parts = _ip_block(each["ipBlock"], peer)
            allowed += parts
            found.append(verdict)
        elif peer.pod and not peer.pod.on_host_network:
            found.append(
                along([_in_namespace(each, namespace, peer.pod), selects(each.get("podSelector"), peer.pod.labels)])
            )
    return any_of([*found, covered(peer.addresses, allowed)]), tuple(allowed)


def _in_namespace(each: dict[str, Any], namespace: Namespace, pod: Pod) -> Verdict:
    if each.get("namespaceSelector") is not None:
        return selects(each["namespaceSelector"], pod.namespace.labels)
    if "" in (namespace.key, pod.namespace.key):
        return Verdict.UNKNOWN
    return Verdict.YES if namespace.key == pod.namespace.key else Verdict.NO


def _ip_block(entry: Any, peer: End) -> tuple[Verdict, Blocks]:
    whole = block(mapping(entry).get("cidr"))
    excepted = items(mapping(entry).get("except"))
    if whole is None or UNKNOWN in excepted or mapping(entry).get("except") is UNKNOWN:
        return Verdict.UNKNOWN, ()
    parts = within(peer.addresses, whole)
    for each in excepted:
        if taken := block(each):
            parts = without(parts, taken)
    return covered(peer.addresses, parts), parts


def _enforced(graph: Graph) -> Verdict:
    """Whether the cluster enforces policies: in Auto Mode by a ConfigMap, else by a setting of the CNI's add-on.

    https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html,
    https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html
    """
    for each in graph.all(CONFIG_MAP):
        metadata = mapping(each.properties.get("metadata"))
        if metadata.get("name") == "amazon-vpc-cni" and metadata.get("namespace") == "kube-system":
            data = each.properties.get("data")
            value = UNKNOWN if data is UNKNOWN else mapping(data).get("enable-network-policy-controller")
            known = known_bool(value, default=False)
            return Verdict.UNKNOWN if known is None else Verdict.YES if known else Verdict.NO
    for each in graph.all(ADDON):
        if each.properties.get("addonName") == "vpc-cni":
            values = each.properties.get("configurationValues")
            on = '"enableNetworkPolicy":"true"' in text(values).replace(" ", "")
            return Verdict.UNKNOWN if values is UNKNOWN else Verdict.YES if on else Verdict.NO
    return Verdict.NO
