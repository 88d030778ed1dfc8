"""The places of a planned stack: the sources and targets of the reachability analysis."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from infra.reach.addresses import public
from infra.reach.balancers import Balancer
from infra.reach.ends import ANY_CLIENT_PORTS, End, Place, Subnet
from infra.reach.fronts import DISTRIBUTION
from infra.reach.network import Network
from infra.reach.pods import Namespace, Pod
from infra.reach.port import Port
from infra.reach.security_groups import CLOUDFRONT
from infra.reach.services import HTTPS, services_of
from infra.reach.values import known_bool, number, text
from infra.reach.verdict import Verdict
from infra.resources.resource import Resource

INSTANCE = "aws:rds/instance:Instance"
AURORA = "aws:rds/cluster:Cluster"
SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup"
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html (Port)
ENGINE_PORTS = {"postgres": 5432, "aurora-postgresql": 5432, "mysql": 3306, "mariadb": 3306, "aurora-mysql": 3306}

INTERNET, VPC, BALANCER, NODES, OTHER_PODS, DATABASE = (
    "internet",
    "vpc",
    "load-balancer",
    "nodes",
    "pods/other",
    "database",
)
Thing = TypeVar("Thing", Resource, Balancer)


@dataclass(frozen=True, kw_only=True)
class Places:
    """All places of a stack, by name."""

    sources: Mapping[str, Place]
    targets: Mapping[str, Place]


def places_of(network: Network) -> Places:
    """Return the places of a stack; places that it does not have, such as a database, are omitted."""
    outside = End(place=INTERNET, addresses=public(), client_ports=ANY_CLIENT_PORTS)
    internet = Place(name=INTERNET, ends=(outside,), ports=(HTTPS,))
    anywhere = [End(place=VPC, addresses=each.addresses, subnet=each) for each in network.subnets.values()]
    machines = Place(name=VPC, ends=tuple(anywhere))
    databases = _named(DATABASE, network.graph.all(INSTANCE, AURORA), lambda name, each: _database(network, name, each))
    balancers = _named(BALANCER, network.balancers, lambda name, each: _balancer(network, name, each))
    nodes = Place(name=NODES, ends=tuple(_in_cluster(network, NODES)))
    pods = [_pods(network, each) for each in [*network.pods, _other_pods()]]
    cloudfront = End(place=CLOUDFRONT, addresses=public(), service=CLOUDFRONT, client_ports=ANY_CLIENT_PORTS)
    fronts = [Place(name=CLOUDFRONT, ends=(cloudfront,), service=CLOUDFRONT)] if network.graph.all(DISTRIBUTION) else []
    sources = [internet, *fronts, machines, *balancers, nodes, *pods, *databases]
    targets = [*databases, *services_of(network), *balancers, *(pod for pod in pods if pod.ports), internet]
    return Places(
        sources={each.name: each for each in sources if each.ends},
        targets={each.name: each for each in targets if each.ends or each.parts},
    )


def database_subnets(network: Network, database: Resource) -> list[Subnet]:
    """Return the subnets of a database, from its subnet group."""
    group = network.graph.of(database, "dbSubnetGroupName", SUBNET_GROUP).only
    return network.subnets_of(group, "subnetIds") if group else []


def _named(name: str, things: Sequence[Thing], make: Callable[[str, Thing], Place]) -> list[Place]:
    """Return the places of objects of one kind; if there are several, add the names of their resources."""
    if len(things) == 1:
        return [make(name, things[0])]
    named = [(each.resource if isinstance(each, Balancer) else each, each) for each in things]
    return [make(f"{name}/{resource.name}", each) for resource, each in named]


def _database(network: Network, name: str, resource: Resource) -> Place:
    subnets = database_subnets(network, resource)
    opened = known_bool(resource.properties.get("publiclyAccessible"), default=False)
    engine = text(resource.properties.get("engine"))
    port = number(resource.properties.get("port")) or ENGINE_PORTS.get(engine, 5432)
    ends = (
        End(
            place=name,
            addresses=each.addresses,
            subnet=each,
            member=network.groups.of(resource, "vpcSecurityGroupIds", each.vpc),
            public=Verdict.UNKNOWN if opened is None else Verdict.YES if opened else Verdict.NO,
        )
        for each in subnets
    )
    return Place(name=name, ends=tuple(ends), ports=(Port("TCP", port),), resource=resource)


def _balancer(network: Network, name: str, balancer: Balancer) -> Place:
    ends = (
        End(
            place=name,
            addresses=subnet.addresses,
            subnet=subnet,
            member=balancer.member,
            public=balancer.public,
            client_ports=ANY_CLIENT_PORTS,
            balancer=balancer,
        )
        for each in balancer.subnets
        if (subnet := network.subnets.get(each.urn))
    )
    return Place(name=name, ends=tuple(ends), ports=balancer.listeners, resource=balancer.resource)


def _pods(network: Network, pod: Pod) -> Place:
    ports = tuple(Port("TCP", port) for port in dict.fromkeys(pod.ports.values()))
    return Place(name=pod.name, ends=tuple(_in_cluster(network, pod.name, pod)), ports=ports, resource=pod.resource)


def _other_pods() -> Pod:
    """Return a pod that represents all pods that are not in the plan, such as those of add-ons."""
    return Pod(name=OTHER_PODS, resource=None, namespace=Namespace(key=OTHER_PODS, labels={}), labels={}, ports={})


def _in_cluster(network: Network, place: str, pod: Pod | None = None) -> Iterator[End]:
    """Yield the interfaces of nodes or pods, which share security group and subnets in EKS Auto Mode."""
    for cluster in network.clusters:
        for subnet in network.cluster_subnets(cluster):
            opened = known_bool(subnet.resource.properties.get("mapPublicIpOnLaunch"), default=False)
            # The address of a pod is private, even if its node has a public address.
            known = Verdict.UNKNOWN if opened is None else Verdict.YES if opened else Verdict.NO
            yield End(
                place=place,
                addresses=subnet.addresses,
                subnet=subnet,
                member=network.groups.of_cluster(cluster),
                public=Verdict.NO if pod else known,
                pod=pod,
            )
