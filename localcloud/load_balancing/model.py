"""The configuration of load balancers, listeners, rules and target groups, as read from the account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Target = tuple[str, int]
"""The registered address, such as 10.244.0.7, and the port."""
DEFAULT_IDLE_SECONDS = 60.0
DEFAULT_KEEP_ALIVE_SECONDS = 3600.0


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """Health check settings: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html."""

    path: str
    port: str
    """`traffic-port` or a number."""
    interval: float
    timeout: float
    """Seconds."""
    healthy: int
    unhealthy: int
    """`healthy` and `unhealthy` are the numbers of consecutive results that change the state of a target."""
    codes: str
    """Status codes of a successful check, such as `200`, `200,202` or `200-299`."""

    def passes(self, status: int) -> bool:
        """Return whether this status code means that the check succeeded."""
        for part in self.codes.split(","):
            first, _, last = part.strip().partition("-")
            if int(first) <= status <= int(last or first):
                return True
        return False


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """A target group of type ip."""

    arn: str
    check: HealthCheck
    targets: tuple[Target, ...]
    deregistration_delay: float = 300.0
    """Seconds in which a deregistered target may complete its requests."""
    least_outstanding: bool = False
    """Whether the target with the fewest requests in flight is chosen, instead of round robin."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The conditions of a rule, which must all match, and its actions, both in the form of the AWS API."""

    conditions: tuple[Mapping[str, Any], ...]
    actions: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A port of a load balancer."""

    arn: str
    port: int
    protocol: str
    """HTTP or HTTPS."""
    policy: str
    """The name of the security policy; "" for HTTP."""
    names: tuple[str, ...]
    """The host names of its certificates."""
    rules: tuple[Rule, ...]
    """The rules ordered by priority; the last one is the default rule without conditions."""


@dataclass(frozen=True, kw_only=True)
class Front:
    """A CloudFront distribution that forwards requests for its host names to a load balancer."""

    names: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    """Header fields that it adds to each request, replacing fields of the same name."""


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    """An Application Load Balancer."""

    arn: str
    dns_name: str
    subnets: tuple[str, ...]
    """The CIDR blocks of its subnets."""
    attributes: Mapping[str, str]
    listeners: tuple[Listener, ...]
    fronts: tuple[Front, ...] = ()

    def front_of(self, host: str) -> Front | None:
        """Return the distribution to which a host name resolves, or None if it resolves to the load balancer itself."""
        return next((front for front in self.fronts if host.lower() in front.names), None)

    @property
    def idle_seconds(self) -> float:
        """The idle timeout: the time without any data from either side after which a request is aborted."""
        return float(self.attributes.get("idle_timeout.timeout_seconds") or DEFAULT_IDLE_SECONDS)

    @property
    def keep_alive_seconds(self) -> float:
        """The maximum duration of a client connection, even if it is in use."""
        return float(self.attributes.get("client_keep_alive.seconds") or DEFAULT_KEEP_ALIVE_SECONDS)

    @property
    def drops_invalid_headers(self) -> bool:
        """Whether to drop header fields whose names contain characters other than letters, digits and hyphens."""
        return self.attributes.get("routing.http.drop_invalid_header_fields.enabled") == "true"

    @property
    def forwarded_mode(self) -> str:
        """How to handle X-Forwarded-For: append, preserve or remove."""
        return self.attributes.get("routing.http.xff_header_processing.mode") or "append"

    @property
    def forwards_client_port(self) -> bool:
        """Whether to append the client's port to X-Forwarded-For too."""
        return self.attributes.get("routing.http.xff_client_port.enabled") == "true"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """All load balancers and target groups at one moment."""

    balancers: tuple[LoadBalancer, ...] = ()
    groups: Mapping[str, TargetGroup]
    """Target groups by ARN."""

    @property
    def used_groups(self) -> set[str]:
        """ARNs of the target groups that a listener forwards to."""
        return {
            arn
            for balancer in self.balancers
            for listener in balancer.listeners
            for rule in listener.rules
            for action in rule.actions
            for arn, _ in forwards_to(action)
        }

    @classmethod
    def parse(cls, answer: Mapping[str, Any]) -> "Snapshot":
        """Parse the response of the account."""
        groups = (_target_group(each) for each in answer["targetGroups"] if each["targetType"] == "ip")
        return cls(
            balancers=tuple(_load_balancer(each) for each in answer["loadBalancers"]),
            groups={group.arn: group for group in groups},
        )


def forwards_to(action: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return the target group ARNs of a forward action with their weights; [] for other actions."""
    if action.get("Type") != "forward":
        return []
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    if groups:
        return [(group["TargetGroupArn"], int(group.get("Weight", 1))) for group in groups]
    return [(action["TargetGroupArn"], 1)] if action.get("TargetGroupArn") else []


def _target_group(found: Mapping[str, Any]) -> TargetGroup:
    attributes = found["attributes"]
    return TargetGroup(
        arn=found["arn"],
        check=HealthCheck(**found["healthCheck"]),
        targets=tuple((address, port) for address, port in found["targets"]),
        deregistration_delay=float(attributes.get("deregistration_delay.timeout_seconds", 300)),
        least_outstanding=attributes.get("load_balancing.algorithm.type") == "least_outstanding_requests",
    )


def _load_balancer(found: Mapping[str, Any]) -> LoadBalancer:
    return LoadBalancer(
        arn=found["arn"],
        dns_name=found["dnsName"],
        subnets=tuple(found["subnets"]),
        attributes=found["attributes"],
        listeners=tuple(_listener(each) for each in found["listeners"]),
        fronts=tuple(
            Front(names=tuple(each["names"]), headers=tuple((name, value) for name, value in each["headers"]))
            for each in found.get("fronts") or ()
        ),
    )


def _listener(found: Mapping[str, Any]) -> Listener:
    rules = (Rule(conditions=tuple(each["conditions"]), actions=tuple(each["actions"])) for each in found["rules"])
    return Listener(
        arn=found["arn"],
        port=found["port"],
        protocol=found["protocol"],
        policy=found["policy"],
        names=tuple(found["names"]),
        rules=tuple(rules),
    )
