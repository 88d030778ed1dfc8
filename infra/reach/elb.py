"""Load balancers that the program creates itself and binds to pods with TargetGroupBindings.

https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/targetgroupbinding/: the
controller registers the pods of a Service as targets, and opens their security group only as specified in `networking`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from infra.reach.balancers import SERVICE, Balancer
from infra.reach.graph import Graph, Refs
from infra.reach.pods import Namespaces, Pod
from infra.reach.port import Port
from infra.reach.routes import SUBNET, VPC
from infra.reach.security_groups import SecurityGroups
from infra.reach.targets import Targets, targets_of
from infra.reach.values import known_bool, number
from infra.resources.aws_types import LISTENERS, LOAD_BALANCERS
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource

RULES = ("aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule")
TARGET_GROUPS = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
BINDINGS = (
    "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding",
    "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding",
)


def program_balancers(
    graph: Graph, groups: SecurityGroups, namespaces: Namespaces, pods: Sequence[Pod]
) -> Iterator[Balancer]:
    """Yield the load balancers that are AWS resources of the plan."""
    for each in graph.all(*LOAD_BALANCERS):
        subnets, subnets_certain = graph.of(each, "subnets", SUBNET)
        network = each.properties.get("loadBalancerType") == "network"
        internal = known_bool(each.properties.get("internal"), default=False)
        vpc = next((found.urn for subnet in subnets for found in graph.of(subnet, "vpcId", VPC).found), "")
        serving = _referring(graph, each, LISTENERS, _balancer_of)
        rules = [_referring(graph, listener, RULES, _listener_of) for listener in serving.found]
        groups_behind = [
            *(_behind(graph, listener, "defaultActions") for listener in serving.found),
            *(_behind(graph, rule, "actions") for one in rules for rule in one.found),
        ]
        behind = list({target.urn: target for one in groups_behind for target in one.found}.values())
        bound = [_referring(graph, target, BINDINGS, _target_group_of) for target in behind]
        bindings = [(group, each) for group, one in zip(behind, bound, strict=True) for each in one.found]
        targets = [_targets(graph, binding, namespaces, pods) for _, binding in bindings]
        certain = all(refs.certain for refs in (serving, *rules, *groups_behind, *bound)) and all(
            one.certain for one in targets
        )
        yield Balancer(
            resource=each,
            scheme="" if internal is None else "internal" if internal else "internet-facing",
            subnets=subnets,
            subnets_certain=subnets_certain,
            member=groups.named(each, "securityGroups") if network else groups.of(each, "securityGroups", vpc),
            listeners=tuple(Port("TCP", port) for one in serving.found if (port := number(one.properties.get("port")))),
            targets=Targets(
                tuple(
                    found
                    for (group, _), one in zip(bindings, targets, strict=True)
                    for found in (*one.found, *_health_checks(group, one))
                ),
                certain,
            ),
            keeps_client_address=network and any(_keeps(target) for target in behind),
            opens=tuple(
                port
                for (_, binding), one in zip(bindings, targets, strict=True)
                # Without `networking` the controller adds no rules.
                if items(mapping(_spec(binding).get("networking")).get("ingress"))
                for _, port in one.found
            ),
            subnets_found_by="name its subnets",
        )


def _behind(graph: Graph, listener: Resource, key: str) -> Refs:
    """Return the target groups in the actions of a listener or of a listener rule."""
    actions = listener.properties.get(key)
    found: list[Resource] = []
    certain = actions is not UNKNOWN and UNKNOWN not in items(actions)
    for action in map(mapping, items(actions)):
        forward = map(mapping, items(mapping(action.get("forward")).get("targetGroups")))
        for arn in [action.get("targetGroupArn"), *(each.get("arn") for each in forward)]:
            if arn is not None:
                named = graph.of(listener, key, *TARGET_GROUPS, value=arn)
                found += named.found
                certain = certain and named.certain
    return Refs(tuple({each.urn: each for each in found}.values()), certain)


def _referring(graph: Graph, target: Resource, types: Sequence[str], refs: Callable[[Graph, Resource], Refs]) -> Refs:
    """Return the resources of these types that refer to a target."""
    found = [(each, refs(graph, each)) for each in graph.all(*types)]
    return Refs(tuple(each for each, named in found if target in named.found), all(named.certain for _, named in found))


def _balancer_of(graph: Graph, listener: Resource) -> Refs:
    return graph.of(listener, "loadBalancerArn", *LOAD_BALANCERS)


def _listener_of(graph: Graph, rule: Resource) -> Refs:
    return graph.of(rule, "listenerArn", *LISTENERS)


def _target_group_of(graph: Graph, binding: Resource) -> Refs:
    return graph.of(binding, "spec", *TARGET_GROUPS, value=_spec(binding).get("targetGroupARN", UNKNOWN))


def _targets(graph: Graph, binding: Resource, namespaces: Namespaces, pods: Sequence[Pod]) -> Targets:
    """Return the pods of the Service that a binding refers to, with the target port of the Service port."""
    reference, place = mapping(_spec(binding).get("serviceRef")), namespaces.of(binding).key
    wanted, port = reference.get("name", UNKNOWN), reference.get("port", UNKNOWN)
    certain = bool(place) and UNKNOWN not in (wanted, port)
    for service in graph.all(SERVICE):
        name, there = mapping(service.properties.get("metadata")).get("name", UNKNOWN), namespaces.of(service).key
        if certain and name == wanted and there == place:
            return targets_of(service, namespaces, pods, only=port)
        # A Service with an unknown name or namespace may be the one referred to.
        certain = certain and name is not UNKNOWN and bool(there)
    return Targets(certain=certain)


def _health_checks(target_group: Resource, targets: Targets) -> Iterator[tuple[Pod, Port]]:
    """Yield the targets with the port of the health checks, if it is not that of the traffic."""
    port = number(mapping(target_group.properties.get("healthCheck")).get("port"))
    if port:
        yield from ((pod, Port("TCP", port)) for pod, traffic in targets.found if port != traffic.number)


def _keeps(target: Resource) -> bool:
    """Return whether a target group preserves the client's address; with type ip it must be enabled explicitly."""
    return str(target.properties.get("preserveClientIp")).lower() == "true"


def _spec(binding: Resource) -> dict[str, Any]:
    return mapping(binding.properties.get("spec"))
