"""Evaluates NetworkPolicies for kinds of pods; see `pods` for the semantics and their source."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from infra.reach.addresses import Blocks, block, covered, is_ipv6, within, without
from infra.reach.ends import End
from infra.reach.enforcement import enforced
from infra.reach.graph import Graph
from infra.reach.pods import Namespace, Namespaces, Pod
from infra.reach.port import Port
from infra.reach.selectors import selects
from infra.reach.values import number, text
from infra.reach.verdict import Hop, Verdict, along, any_of
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A NetworkPolicy and its namespace."""

    resource: Resource
    namespace: Namespace
    spec: dict[str, Any]


UNKNOWN_SPEC = dict.fromkeys(("podSelector", "policyTypes", "ingress", "egress"), UNKNOWN)


def _spec(resource: Resource) -> dict[str, Any]:
    spec = resource.properties.get("spec")
    return UNKNOWN_SPEC if spec is UNKNOWN else mapping(spec)


class NetworkPolicies:
    """All NetworkPolicies of a plan, and whether they are enforced."""

    def __init__(self, graph: Graph, namespaces: Namespaces) -> None:
        self._policies = [
            Policy(resource=each, namespace=namespaces.of(each), spec=_spec(each)) for each in graph.all(POLICY)
        ]
        self.enforced = enforced(graph)
        self.resources = [policy.resource for policy in self._policies]
        # Each pair of kinds of pods asks for the same.
        self._selecting = cache(self._find_selecting)

    def passes(self, pod: Pod, peer: End, port: Port, *, egress: bool) -> Hop | None:
        """Return the hop of the policies between a pod and a peer; None if no policy selects the pod."""
        direction = "Egress" if egress else "Ingress"
        selecting = self._selecting(pod, direction)
        if not selecting or self.enforced is Verdict.NO or pod.on_host_network:
            return None
        verdict, at = self._judge(selecting, pod, peer, port, egress=egress)
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
        """Return whether a policy selects the pod for a direction, `Ingress` or `Egress`."""
        return any_of(how for _, how in self._selecting(pod, direction))

    def _find_selecting(self, pod: Pod, direction: str) -> list[tuple[Policy, Verdict]]:
        """Return the policies that select or may select the pod."""
        found = [(policy, _selects(policy, pod, direction)) for policy in self._policies]
        return [(policy, how) for policy, how in found if how is not Verdict.NO]

    @staticmethod
    def _judge(
        selecting: Sequence[tuple[Policy, Verdict]], pod: Pod, peer: End, port: Port, *, egress: bool
    ) -> tuple[Verdict, Resource]:
        """Return the combined verdict of the policies, and the policy to report.

        This is a policy that allows the traffic, or else one that has rules.
        """
        found: list[Verdict] = []
        allowed: list[Any] = []
        speaker = selecting[0][0].resource
        for policy, how in selecting:
            rules = policy.spec.get("egress" if egress else "ingress")
            for rule in [UNKNOWN] if rules is UNKNOWN else items(rules):
                verdict, parts = _rule(rule, policy.namespace, pod, peer, port, egress=egress)
                verdict = along([how, verdict])
                allowed += parts if how is Verdict.YES else ()
                if verdict is not Verdict.NO and any_of([*found, verdict]) is verdict:
                    speaker = policy.resource
                found.append(verdict)
            if items(rules) and any_of(found) is Verdict.NO:
                speaker = policy.resource
        return any_of([*found, covered(peer.addresses, allowed)]), speaker


def _selects(policy: Policy, pod: Pod, direction: str) -> Verdict:
    """Return whether a policy selects a pod for a direction."""
    if "" in (policy.namespace.key, pod.namespace.key):
        same = Verdict.UNKNOWN
    else:
        same = Verdict.YES if policy.namespace.key == pod.namespace.key else Verdict.NO
    return along([_typed(policy.spec, direction), same, selects(policy.spec.get("podSelector"), pod.labels)])


def _typed(spec: dict[str, Any], direction: str) -> Verdict:
    types = spec.get("policyTypes")
    if not types:
        types = ["Ingress", *(["Egress"] if spec.get("egress") is not None else [])]
    if direction in items(types):
        return Verdict.YES
    return Verdict.UNKNOWN if types is UNKNOWN or UNKNOWN in items(types) else Verdict.NO


def _rule(rule: Any, namespace: Namespace, pod: Pod, peer: End, port: Port, *, egress: bool) -> tuple[Verdict, Blocks]:
    """Return whether a rule allows a connection, and the addresses of the peer for which it certainly does."""
    if rule is UNKNOWN:
        return Verdict.UNKNOWN, ()
    fits = _ports(mapping(rule).get("ports"), peer.pod if egress else pod, port)
    verdict, parts = _peers(mapping(rule).get("to" if egress else "from"), namespace, peer)
    return along([fits, verdict]), parts if fits is Verdict.YES else ()


def _ports(ports: Any, pod: Pod | None, port: Port) -> Verdict:
    """Return whether a rule applies to a port; a rule without `ports` applies to all.

    An entry is a number, a range, or the name of a port of the pod.
    """
    if ports is UNKNOWN:
        return Verdict.UNKNOWN
    if not items(ports):
        return Verdict.YES
    return any_of(Verdict.UNKNOWN if each is UNKNOWN else _port(mapping(each), pod, port) for each in items(ports))


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
        if low is None and pod and not pod.ports_known:
            return Verdict.UNKNOWN
    high = number(entry.get("endPort"))
    return Verdict.YES if low is not None and low <= port.number <= (high or low) else Verdict.NO


def _peers(peers: Any, namespace: Namespace, peer: End) -> tuple[Verdict, Blocks]:
    """Return whether a rule applies to a peer, and to which addresses; a rule without `from` or `to` applies to all."""
    if peers is UNKNOWN:
        return Verdict.UNKNOWN, ()
    if not items(peers):
        return Verdict.YES, peer.addresses
    found: list[Verdict] = []
    allowed: list[Any] = []
    for given in items(peers):
        each = mapping(given)
        if given is UNKNOWN:
            found.append(Verdict.UNKNOWN)
        elif each.get("ipBlock") is not None:
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
    if is_ipv6(mapping(entry).get("cidr")):
        return Verdict.NO, ()
    whole = block(mapping(entry).get("cidr"))
    excepted = items(mapping(entry).get("except"))
    if whole is None or not peer.addresses or UNKNOWN in excepted or mapping(entry).get("except") is UNKNOWN:
        return Verdict.UNKNOWN, ()
    parts = within(peer.addresses, whole)
    for each in excepted:
        if taken := block(each):
            parts = without(parts, taken)
    return covered(peer.addresses, parts), parts
