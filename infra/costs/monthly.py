"""The monthly cost of a stack at rest, from its planned resources. Pure functions."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from infra.costs.prices import DATABASE_CLASSES, PRICES, Price
from infra.reach.services import POD_LOGS
from infra.resources.properties import items, mapping
from infra.resources.resource import Resource
from localcloud.cluster.quantities import parse

NODE_CPUS = 1.9
"""CPUs of a node with 2 vCPUs that pods may request; the node reserves the rest."""
LOG_AGENTS_CPUS = 0.3
"""What the add-on `amazon-cloudwatch-observability` requests on each node: 250m and 50m for its two agents.
https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml"""
NODE_MEMORY = parse("6600Mi")
"""Memory of a node with 8 GiB that pods may request. The kubelet reserves 255 MiB and 11 MiB for each of up to 110
pods, and evicts pods below 100 MiB:
https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go"""
LOG_AGENTS_MEMORY = parse("153Mi")
"""What the same add-on requests on each node: 128Mi and 25Mi for its two agents."""
VOLUME_GIB = 80
"""Size of the volume of a node: the default of the component NodePools."""
DATABASE, SUBNET = "aws:rds/instance:Instance", "aws:ec2/subnet:Subnet"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
ADDON = "aws:eks/addon:Addon"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
NOT_COUNTED = (
    "traffic: NAT gateways, endpoints, load balancer capacity, web ACL requests, between zones, to the internet",
    "requests to CloudFront, and its traffic",
    "what is written and kept: logs, objects, images, backups beyond the size of the database, queue and KMS requests",
    "nodes beyond the minimum, and the discount of spot instances",
    "older key material that rotation keeps: 1 USD a month for each of the first two rotations of a key",
    "tax, and discounts of your account",
)

_COUNTED = {
    "aws:eks/cluster:Cluster": "EKS control plane",
    "aws:ec2/natGateway:NatGateway": "NAT gateway",
    "aws:ec2/eip:Eip": "public IPv4 address",
    "aws:lb/loadBalancer:LoadBalancer": "Application Load Balancer",
    "aws:wafv2/webAcl:WebAcl": "web ACL",
    "aws:kms/key:Key": "KMS key",
    "aws:secretsmanager/secret:Secret": "secret",
}


@dataclass(frozen=True)
class Line:
    """A quantity of one priced item."""

    what: str
    count: int
    price: Price

    @property
    def usd(self) -> float:
        """The monthly cost."""
        return self.count * self.price.usd


class UnknownPriceError(Exception):
    """A resource of the stack has no price."""


def monthly(resources: Iterable[Resource]) -> list[Line]:
    """Count the resources that are charged by the month or by the hour, the most expensive first.

    Args:
        resources: all of the planned stack. Values that are unknown in a preview, such as ids, are not used.

    Raises:
        UnknownPriceError: the class of the database has no price.
    """
    planned = list(resources)
    zones = len({str(each.properties["availabilityZone"]) for each in planned if each.type == SUBNET})
    counts: Counter[str] = Counter()
    lines: list[Line] = []
    for resource in planned:
        if resource.type == DATABASE:
            lines.append(_database(resource.properties))
        for what, count in _counted(resource, zones):
            counts[what] += count
    logged = any(each.type == ADDON and each.properties.get("addonName") == POD_LOGS for each in planned)
    cpus = NODE_CPUS - LOG_AGENTS_CPUS if logged else NODE_CPUS
    memory = NODE_MEMORY - LOG_AGENTS_MEMORY if logged else NODE_MEMORY
    nodes = max(
        zones,
        math.ceil(float(_requested(planned, "cpu")) / cpus),
        math.ceil(_requested(planned, "memory") / memory),
    )
    counts["node, 2 vCPUs and 8 GiB"] = counts["EKS Auto Mode, a node"] = nodes
    counts["volume of a node, a GiB"] = nodes * VOLUME_GIB
    lines += [Line(what, count, PRICES[what]) for what, count in counts.items() if count]
    return sorted(lines, key=lambda line: (-line.usd, line.what))


def total(lines: Iterable[Line]) -> float:
    """Return the sum, in USD a month."""
    return sum(line.usd for line in lines)


def _database(properties: dict[str, Any]) -> Line:
    name = str(properties.get("instanceClass"))
    if name not in DATABASE_CLASSES:
        raise UnknownPriceError(
            f"infra/costs/prices.py has no price for {name}; it has those of {', '.join(DATABASE_CLASSES)}"
        )
    return Line(f"PostgreSQL on {name}", _copies(properties), DATABASE_CLASSES[name])


def _copies(properties: dict[str, Any]) -> int:
    """Return the number of instances; a standby is a second one with its own storage."""
    return 2 if properties.get("multiAz") is True else 1


def _counted(resource: Resource, zones: int) -> Iterator[tuple[str, int]]:
    given = resource.properties
    if what := _COUNTED.get(resource.type):
        yield what, 1
    if resource.type == "aws:wafv2/webAcl:WebAcl":
        yield "rule of a web ACL", len(items(given.get("rules")))
    elif resource.type == "aws:lb/loadBalancer:LoadBalancer" and given.get("internal") is False:
        yield "public IPv4 address", zones
    elif resource.type == "aws:ec2/vpcEndpoint:VpcEndpoint" and given.get("vpcEndpointType") == "Interface":
        yield "interface endpoint, a zone", zones
    elif resource.type == DATABASE:
        yield "database storage, a GiB", int(given["allocatedStorage"]) * _copies(given)


def _requested(resources: Sequence[Resource], what: str) -> Decimal:
    """Return the cores (`cpu`) or bytes (`memory`) that the pods of all Deployments request at the minimum."""
    specs = [(each, mapping(each.properties.get("spec"))) for each in resources]
    fewest = {
        mapping(spec.get("scaleTargetRef")).get("name"): spec["minReplicas"]
        for each, spec in specs
        if each.type == AUTOSCALER
    }
    return sum(
        (
            int(spec.get("replicas", fewest.get(mapping(each.properties.get("metadata")).get("name"), 1)))
            * parse(_requests(container).get(what) or 0)
            for each, spec in specs
            if each.type == DEPLOYMENT
            for container in items(mapping(mapping(spec.get("template")).get("spec")).get("containers"))
        ),
        Decimal(),
    )


def _requests(container: Any) -> dict[str, Any]:
    return mapping(mapping(mapping(container).get("resources")).get("requests"))
