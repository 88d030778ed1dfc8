"""Load balancers that the program makes itself, and binds to pods by TargetGroupBindings.

https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/targetgroupbinding/: the
controller registers the pods of a Service as targets, and opens their group only for what `networking` names.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from infra.policy.properties import UNKNOWN, items, mapping
from infra.policy.rule import Resource
from infra.reach.balancers import SERVICE, Balancer
from infra.reach.ends import Port
from infra.reach.graph import Graph
from infra.reach.pods import Namespaces, Pod
from infra.reach.routes import SUBNET, VPC
from infra.reach.security_groups import SecurityGroups
from infra.reach.targets import Targets, targets_of
from infra.reach.values import known_bool, number

BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
LISTENERS = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
TARGET_GROUPS = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
BINDINGS = (
    "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding",
    "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding",
)


def made_balancers(
    graph: Graph, groups: SecurityGroups, namespaces: Namespaces, pods: Sequence[Pod]
) -> Iterator[Balancer]:
    """The load balancers of a plan that are resources of AWS."""
    for each in graph.all(*BALANCERS):
        subnets = graph.of(each, "subnets", SUBNET).found
        network = each.properties.get("loadBalancerType") == "network"
        internal = known_bool(each.properties.get("internal"), default=False)
        vpc = next((found.urn for subnet in subnets for found in graph.of(subnet, "vpcId", VPC).found), "")
        listeners = [
            listener
            for listener in graph.all(*LISTENERS)
            if each in graph.of(listener, "loadBalancerArn", *BALANCERS).found
        ]
        behind = [target for listener in listeners for target in _behind(graph, listener)]
        bindings = [one for target in behind for one in _bindings(graph, target)]
        targets = [_targets(graph, one, namespaces, pods) for one in bindings]
        yield Balancer(
            resource=each,
            scheme="" if internal is None else "internal" if internal else "internet-facing",
            subnets=subnets,
            member=groups.named(each, "securityGroups") if network else groups.of(each, "securityGroups", vpc),
            listeners=tuple(Port("TCP", number(one.properties.get("port")) or 0) for one in listeners),
            targets=Targets(
                tuple(found for one in targets for found in one.found), all(one.certain for one in targets)
            ),
            keeps_client_address=network and any(_keeps(target) for target in behind),
            opens=tuple(
                port
                for binding, one in zip(bindings, targets, strict=True)
                # Without `networking` the controller opens nothing.
                if items(mapping(_spec(binding).get("networking")).get("ingress"))
                for _, port in one.found
            ),
            subnets_found_by="name its subnets",
        )


def _behind(graph: Graph, listener: Resource) -> list[Resource]:
    """The target groups that a listener's default actions name."""
    found: list[Resource] = []
    for action in map(mapping, items(listener.properties.get("defaultActions"))):
        forward = map(mapping, items(mapping(action.get("forward")).get("targetGroups")))
        for arn in [action.get("targetGroupArn"), *(each.get("arn") for each in forward)]:
            if arn is not None:
                found += graph.of(listener, "defaultActions", *TARGET_GROUPS, value=arn).found
    return list({each.urn: each for each in found}.values())


def _bindings(graph: Graph, target: Resource) -> list[Resource]:
    """The bindings of a target group."""
    return [
        each
        for each in graph.all(*BINDINGS)
        if target in graph.of(each, "spec", *TARGET_GROUPS, value=_spec(each).get("targetGroupARN", UNKNOWN)).found
    ]


def _targets(graph: Graph, binding: Resource, namespaces: Namespaces, pods: Sequence[Pod]) -> Targets:
    """The pods of the Service that a binding names, with the port behind the Service's port."""
    reference, place = mapping(_spec(binding).get("serviceRef")), namespaces.of(binding).key
    wanted, port = reference.get("name", UNKNOWN), reference.get("port", UNKNOWN)
    for service in graph.all(SERVICE):
        name = mapping(service.properties.get("metadata")).get("name")
        if place and name == wanted and namespaces.of(service).key == place and port is not UNKNOWN:
            return targets_of(service, namespaces, pods, only=port)
    return Targets(certain=bool(place) and UNKNOWN not in (wanted, port))


def _keeps(target: Resource) -> bool:
    """Whether a target group of a network load balancer hands the client's address on: for `ip` only if told so."""
    return str(target.properties.get("preserveClientIp")).lower() == "true"


def _spec(binding: Resource) -> dict[str, Any]:
    return mapping(binding.properties.get("spec"))
