"""What a resource is charged for by the month or hour, and how much of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from infra.costs.kinds import CLUSTER, DATABASE
from infra.reach.values import known_bool, number, text
from infra.resources.properties import UNKNOWN, at, items, mapping, unset
from infra.resources.resource import Properties


@dataclass(frozen=True)
class Quantity:
    """A number of one priced item."""

    what: str
    """The item, as the price book names it."""
    rest: float | None
    """How many at rest; None if it is unknown."""
    most: float | None
    """How many at most; None if it is unknown."""


def quantities(type_: str, properties: Properties, zones: int) -> Iterator[Quantity]:
    """Yield what a resource of a type in PRICED is charged for, without the nodes of the cluster.

    Args:
        type_: Pulumi type token.
        properties: Those of the resource.
        zones: Number of availability zones of the stack.
    """
    if what := _ONE_EACH.get(type_):
        yield _fixed(what, 1)
    if more := _MORE.get(type_):
        yield from more(properties, zones)


def _fixed(what: str, count: float | None) -> Quantity:
    return Quantity(what, count, count)


def _web_acl(properties: Properties, _zones: int) -> Iterator[Quantity]:
    rules = properties.get("rules")
    yield _fixed("rule of a web ACL", None if rules is UNKNOWN else len(items(rules)))


def _load_balancer(properties: Properties, zones: int) -> Iterator[Quantity]:
    yield _fixed(f"{_shown(properties, 'loadBalancerType', 'application')} load balancer", 1)
    internal = known_bool(properties.get("internal"), default=False)
    # AWS charges for each public address: https://aws.amazon.com/vpc/pricing/
    if internal is not True:
        yield _fixed("public IPv4 address", None if internal is None else zones)


def _endpoint(properties: Properties, zones: int) -> Iterator[Quantity]:
    kind = _shown(properties, "vpcEndpointType", "Gateway")
    if kind != "Gateway":
        yield _fixed(f"{kind.lower()} endpoint, a zone", zones)


def _database(properties: Properties, _zones: int) -> Iterator[Quantity]:
    standby = known_bool(properties.get("multiAz"), default=False)
    # A standby is a second instance with its own storage:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_OnDemandDBInstances.html
    copies = None if standby is None else 2 if standby else 1
    engine = _shown(properties, "engine")
    name = "PostgreSQL" if engine == "postgres" else engine
    yield _fixed(f"{name} on {_shown(properties, 'instanceClass')}", copies)
    size, limit = number(properties.get("allocatedStorage")), number(properties.get("maxAllocatedStorage"))
    yield Quantity(
        f"{_shown(properties, 'storageType', 'default')} storage of the database, a GiB",
        _times(size, copies),
        _times(None if size is None else max(size, limit or 0), copies),
    )
    if not unset(properties.get("iops")):
        yield _fixed("provisioned IOPS of the database", 1)
    if properties.get("manageMasterUserPassword") is True:
        yield _fixed("secret", 1)


def _alarm(properties: Properties, _zones: int) -> Iterator[Quantity]:
    # An alarm on an expression is charged for each metric in it: https://aws.amazon.com/cloudwatch/pricing/
    metrics = [each for each in items(properties.get("metricQueries")) if not unset(mapping(each).get("metric"))]
    yield _fixed("metric of an alarm", max(1, len(metrics)))


def _service(properties: Properties, _zones: int) -> Iterator[Quantity]:
    if at(properties, "spec.type") == "LoadBalancer":
        yield _fixed("load balancer of a Kubernetes Service", 1)


_ONE_EACH: Mapping[str, str] = {
    CLUSTER: "EKS control plane",
    "aws:ec2/natGateway:NatGateway": "NAT gateway",
    "aws:ec2/eip:Eip": "public IPv4 address",
    "aws:wafv2/webAcl:WebAcl": "web ACL",
    "aws:kms/key:Key": "KMS key",
    "aws:secretsmanager/secret:Secret": "secret",
}
_MORE: Mapping[str, Callable[[Properties, int], Iterator[Quantity]]] = {
    DATABASE: _database,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
    "kubernetes:core/v1:Service": _service,
}


def _shown(properties: Properties, name: str, default: str = "unknown") -> str:
    value = properties.get(name)
    return "unknown" if value is UNKNOWN else text(value) or default


def _times(count: int | None, copies: int | None) -> int | None:
    return None if count is None or copies is None else count * copies
