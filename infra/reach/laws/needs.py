"""Law: pods and nodes can reach the services that they need."""

from collections.abc import Iterator

from infra.reach.breach import Breach, Refusal, breaches
from infra.reach.ends import Place
from infra.reach.network import Network
from infra.reach.paths import answer
from infra.reach.places import AURORA, INSTANCE, NODES, Places
from infra.reach.services import API, CREDENTIALS, LOGS, QUEUE, QUEUES, REGISTRY, RESOLVER, interface_endpoints
from infra.reach.view import View
from infra.resources.resource import Resource

CARRIERS = ("kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Secret")
OF_NODES = (REGISTRY, API, RESOLVER, LOGS)
"""The services that a node needs to join its cluster, start pods and send their logs.

Images are pulled by the node, not by the pod, and the agent that sends logs uses the network of its node.
"""


def pods_reach_what_they_need(view: View) -> list[Breach]:
    """Return pods that cannot reach DNS or the services they are configured with, and nodes that cannot start pods.

    Pods must reach AWS within the VPC: a rule that opens port 443 for another purpose does not replace an endpoint.
    """
    return [*breaches(_refused(*view)), *_past_the_vpc(*view)]


def needs_of(network: Network, places: Places, workload: Resource) -> list[Place]:
    """Return the places that pods need: DNS, the databases and queues they are configured with, and credentials.

    A database requires credentials if IAM roles can sign in, because the service then has no password.
    """
    given = _given(network, workload)
    databases = [each for each in given if each.type in (INSTANCE, AURORA)]
    names = [RESOLVER]
    if any(each.type == QUEUE for each in given):
        names += [QUEUES, CREDENTIALS]
    elif any(each.properties.get("iamDatabaseAuthenticationEnabled") is True for each in databases):
        names.append(CREDENTIALS)
    wanted = [places.targets[name] for name in names if name in places.targets]
    return [*wanted, *(each for each in places.targets.values() if each.resource in databases)]


def _refused(network: Network, places: Places) -> Iterator[Refusal]:
    for pod in network.pods:
        source = places.sources.get(pod.name)
        if source and pod.resource:
            for target in needs_of(network, places, pod.resource):
                if found := answer(network, source, target):
                    yield Refusal(found, target, pod.resource)
    nodes = places.sources.get(NODES)
    for target in (places.targets[name] for name in OF_NODES if name in places.targets):
        if nodes and (found := answer(network, nodes, target)):
            yield Refusal(found, target, network.clusters[0])


def _past_the_vpc(network: Network, places: Places) -> Iterator[Breach]:
    """Yield AWS services that pods reach at public addresses because the VPC has no endpoint for them."""
    for target in places.targets.values():
        if target.service and target.resource is None and not any(end.doubtful for end in target.ends):
            found = [
                (pod.name, end.subnet.vpc)
                for pod in network.pods
                if pod.resource and (source := places.sources.get(pod.name))
                if target in needs_of(network, places, pod.resource)
                if (reached := answer(network, source, target)) and not reached.refused
                for end in source.ends[:1]
                if end.subnet
            ]
            vpc = network.vpc(found[0][1]) if found else None
            if vpc:
                who = ", ".join(name for name, _ in found)
                cause, remedy = _why_outside(network, target.service)
                yield Breach(
                    vpc,
                    f"{who} reach {target.name} outside the VPC, by a rule that opens {target.ports[0]} for another "
                    f"reason: {cause}",
                    remedy,
                )


def _why_outside(network: Network, service: str) -> tuple[str, str]:
    """Return why the name of a service does not lead to an endpoint in the VPC, and the remedy."""
    if endpoints := interface_endpoints(network, service):
        return (
            f"the name of {service} does not resolve to {endpoints[0].name}, which needs private DNS of the endpoint, "
            "and enableDnsSupport and enableDnsHostnames of the VPC",
            "set privateDnsEnabled of the endpoint, and enableDnsSupport and enableDnsHostnames of the VPC",
        )
    return f"the VPC has no interface endpoint for {service}", f"add an interface endpoint for {service}"


def _given(network: Network, workload: Resource) -> list[Resource]:
    """Return the resources on which a workload depends, directly or through its ConfigMaps and Secrets."""
    seen: dict[str, Resource] = {}
    queue = [workload]
    while queue:
        each = queue.pop()
        for key in each.dependencies:
            for found in network.graph.depends(each, key, *CARRIERS, QUEUE, INSTANCE, AURORA):
                if found.urn not in seen:
                    seen[found.urn] = found
                    queue += [found] if found.type in CARRIERS else []
    return list(seen.values())
