"""The network of a planned stack: subnets with route tables and ACLs, security groups, pods and NetworkPolicies."""

from collections.abc import Sequence

from infra.reach.acls import Acls
from infra.reach.addresses import Blocks, blocks
from infra.reach.balancers import Balancer, open_targets, service_balancers
from infra.reach.elb import program_balancers
from infra.reach.ends import Subnet
from infra.reach.graph import Graph
from infra.reach.network_policies import NetworkPolicies
from infra.reach.pods import Namespaces, pods_of
from infra.reach.routes import SUBNET, VPC, Tables
from infra.reach.security_groups import CLUSTER, SecurityGroups
from infra.reach.values import known_bool
from infra.resources.properties import UNKNOWN, mapping
from infra.resources.resource import Resource


class Network:
    """An immutable model of the network, derived from the resources of a plan."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.graph = graph = Graph(resources)
        self.groups = SecurityGroups(graph)
        self.tables = Tables(graph)
        self.acls = Acls(graph)
        self.namespaces = Namespaces(graph)
        self.pods = pods_of(graph, self.namespaces)
        self.policies = NetworkPolicies(graph, self.namespaces)
        self.subnets = {each.urn: self._subnet(each) for each in graph.all(SUBNET)}
        self.clusters = graph.all(CLUSTER)
        self.balancers: list[Balancer] = [
            *service_balancers(graph, self.namespaces, self.pods),
            *program_balancers(graph, self.groups, self.namespaces, self.pods),
        ]
        open_targets(self.balancers, self.groups, self.clusters)

    def vpc(self, urn: str) -> Resource | None:
        """Return the VPC with this URN."""
        return next((each for each in self.graph.all(VPC) if each.urn == urn), None)

    def vpc_addresses(self, urn: str) -> Blocks:
        """Return the addresses of a VPC; empty if they are unknown."""
        vpc = self.vpc(urn)
        return blocks(vpc.properties.get("cidrBlock")) if vpc else ()

    def resolves(self, urn: str) -> bool | None:
        """Return whether the DNS resolver of the VPC is enabled; None if it is unknown."""
        vpc = self.vpc(urn)
        return known_bool(vpc.properties.get("enableDnsSupport"), default=True) if vpc else None

    def names_endpoints(self, urn: str) -> bool:
        """Return whether private DNS works in the VPC, which requires both DNS attributes; True if unknown."""
        vpc = self.vpc(urn)
        hosts = known_bool(vpc.properties.get("enableDnsHostnames"), default=False) if vpc else None
        return hosts is not False and self.resolves(urn) is not False

    def subnets_of(self, resource: Resource, key: str, value: object = None) -> list[Subnet]:
        """Return the subnets that a property refers to."""
        return [self.subnets[each.urn] for each in self.graph.of(resource, key, SUBNET, value=value).found]

    def cluster_subnets(self, cluster: Resource) -> list[Subnet]:
        """Return the subnets in which EKS creates nodes, pods and the interfaces of its API."""
        access = cluster.properties.get("vpcConfig")
        return self.subnets_of(cluster, "vpcConfig", mapping(access).get("subnetIds", UNKNOWN))

    def _subnet(self, resource: Resource) -> Subnet:
        vpc = self.graph.of(resource, "vpcId", VPC).only
        return Subnet(
            name=resource.name,
            urn=resource.urn,
            vpc=vpc.urn if vpc else "",
            addresses=blocks(resource.properties.get("cidrBlock"))[:1],
            table=self.tables.of(resource, vpc),
            acl=self.acls.of(resource),
            resource=resource,
        )
