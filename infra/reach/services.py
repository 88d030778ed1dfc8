"""The services that pods and nodes use: AWS services, the Kubernetes API, and services on the node itself."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from infra.reach.addresses import EVERYTHING, Blocks, block, blocks, public
from infra.reach.ends import End, Place
from infra.reach.network import Network
from infra.reach.port import Port
from infra.reach.security_groups import ENDPOINT, Member, service_of
from infra.reach.values import known_bool
from infra.resources.properties import UNKNOWN, mapping
from infra.resources.resource import Resource

POD_LOGS = "amazon-cloudwatch-observability"  # the EKS add-on that sends the logs of pods to CloudWatch
HTTPS = Port("TCP", 443)
DNS_PORTS = (Port("UDP", 53), Port("TCP", 53))
QUEUE = "aws:sqs/queue:Queue"
REPOSITORY = "aws:ecr/repository:Repository"
# The address of the Pod Identity agent on each node:
# https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
POD_IDENTITY = IPv4Network("169.254.170.23/32")
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html: pulling an image uses the API, the registry
# and, for the layers, S3.
REGISTRY_SERVICES = ("ecr.api", "ecr.dkr", "s3")
ADDON = "aws:eks/addon:Addon"

QUEUES, RESOLVER, REGISTRY, API, CREDENTIALS, LOGS = (
    "queue",
    "dns",
    "registry",
    "kubernetes-api",
    "pod-identity",
    "logs",
)


def services_of(network: Network) -> list[Place]:
    """Return the services that a stack needs, depending on its clusters, queues, repositories and add-ons."""
    places = []
    if network.graph.all(QUEUE):
        places.append(_service(network, QUEUES, "sqs"))
    if network.clusters:
        places += [
            Place(
                name=RESOLVER, ends=(End(place=RESOLVER, addresses=_resolver(network), on_node=True),), ports=DNS_PORTS
            ),
            Place(
                name=CREDENTIALS,
                ends=(End(place=CREDENTIALS, addresses=(POD_IDENTITY,), on_node=True),),
                ports=(Port("TCP", 80),),
            ),
        ]
    if any(each.properties.get("addonName") == POD_LOGS for each in network.graph.all(ADDON)):
        places.append(_service(network, LOGS, "logs"))
    if network.graph.all(REPOSITORY):
        parts = tuple(_service(network, f"{REGISTRY} ({each})", each) for each in REGISTRY_SERVICES)
        places.append(Place(name=REGISTRY, ends=(), ports=(HTTPS,), parts=parts, service="ecr"))
    places += [_api(network, each) for each in network.clusters[:1]]
    return places


def _service(network: Network, name: str, service: str) -> Place:
    """Return the place of an AWS service: the interface endpoint or the public addresses to which its name resolves."""
    for endpoint in interface_endpoints(network, service):
        private = known_bool(endpoint.properties.get("privateDnsEnabled"), default=False)
        named = all(network.names_endpoints(each.vpc) for each in network.subnets_of(endpoint, "subnetIds"))
        # https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html: with private DNS and both DNS
        # attributes of the VPC enabled, the DNS name of the service resolves to the endpoint.
        if private is not False and named:
            ends = tuple(_interfaces(network, endpoint, name))
            return Place(name=name, ends=ends, ports=(HTTPS,), resource=endpoint, service=service)
    doubtful = any(
        UNKNOWN in (each.properties.get("serviceName"), each.properties.get("vpcEndpointType"))
        and service_of(each) in ("", service)
        for each in network.graph.all(ENDPOINT)
    )
    outside = End(place=name, addresses=public(), service=service, doubtful=doubtful)
    return Place(name=name, ends=(outside,), ports=(HTTPS,), service=service)


def interface_endpoints(network: Network, service: str) -> list[Resource]:
    """Return the interface endpoints for a service, whether or not its name resolves to them."""
    return [
        each
        for each in network.graph.all(ENDPOINT)
        if service_of(each) == service and each.properties.get("vpcEndpointType") == "Interface"
    ]


def _interfaces(network: Network, endpoint: Resource, name: str) -> Iterator[End]:
    for subnet in network.subnets_of(endpoint, "subnetIds"):
        yield End(
            place=name,
            addresses=subnet.addresses,
            subnet=subnet,
            member=network.groups.of(endpoint, "securityGroupIds", subnet.vpc),
            endpoint=endpoint,
        )


def _resolver(network: Network) -> Blocks:
    """Return the address of the cluster DNS, the tenth Service address; empty if EKS chooses the Service range."""
    config = mapping(network.clusters[0].properties.get("kubernetesNetworkConfig"))
    services = block(config.get("serviceIpv4Cidr"))
    return (IPv4Network(services.network_address + 10),) if services else ()


def _api(network: Network, cluster: Resource) -> Place:
    """Return the place of the API server, with its interfaces in the VPC and its public endpoint.

    https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html: if the private endpoint is enabled, the name
    of the API server resolves to the interfaces within the VPC.
    """
    given = cluster.properties.get("vpcConfig")
    access = mapping(given)
    private = known_bool(access.get("endpointPrivateAccess"), default=False)
    inside = tuple(_api_interfaces(network, cluster, access))
    outside = (End(place=API, addresses=public(), admits=None if given is UNKNOWN else _admitted(access)),)
    return Place(
        name=API, ends=outside if private is False else inside, outside=outside, ports=(HTTPS,), resource=cluster
    )


def _api_interfaces(network: Network, cluster: Resource, access: dict[str, Any]) -> Iterator[End]:
    own = network.groups.of_cluster(cluster)
    more = access.get("securityGroupIds")
    extra = network.groups.named(cluster, "vpcConfig", more) if more else Member(groups=())
    member = Member(groups=(*own.groups, *extra.groups), certain=extra.certain)
    for subnet in network.cluster_subnets(cluster):
        yield End(place=API, addresses=subnet.addresses, subnet=subnet, member=member)


def _admitted(access: dict[str, Any]) -> Blocks | None:
    """Return the addresses that the public endpoint allows: empty if it is disabled, all unless ranges are set.

    Return None if they are unknown.
    """
    opened, ranges = known_bool(access.get("endpointPublicAccess"), default=True), access.get("publicAccessCidrs")
    if opened is None or ranges is UNKNOWN:
        return None
    if not opened:
        return ()
    return blocks(ranges) if ranges else (EVERYTHING,)
