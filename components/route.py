"""Route: a rule that forwards requests from a load balancer to the pods of one service, by host name or path.

Creates the target group, a rule for each listener that forwards, and the alias record of a host name. It registers no
targets: a TargetGroupBinding in the cluster does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import lb

from components._edge_cloudfront import with_key
from components._edge_names import find_zone, make_alias
from components._target_group import make_target_group
from components.order import after


@dataclass(frozen=True, kw_only=True)
class RouteArgs:
    """Arguments of a Route."""

    vpc_id: pulumi.Input[str]
    """VPC of the targets."""

    cluster_name: str
    """Name of the EKS cluster whose controller registers the targets."""

    pod_port: int
    """Port of the pods that serve."""

    health_path: str
    """HTTP path of the health check, which expects status 200."""

    deregistration_seconds: int
    """Seconds that requests in flight may take when their pod stops."""

    listeners: Mapping[str, pulumi.Input[str]]
    """ARNs of the listeners that get a rule, by short name, such as `https`."""

    priority: int
    """Priority of the rule: of two matching rules the lower number wins. 1 to 50000, unique for each listener."""

    keys: Sequence[pulumi.Input[str]] = ()
    """Keys of the load balancer's CloudFront distribution, one of which requests need; none: they need none."""

    host: str | None = None
    """Host name of the requests; None: any."""

    path_prefix: str | None = None
    """Prefix of the requests' path, such as `/shop`; None: any path. The service gets the complete path."""

    zone: str | None = None
    """Name of the public Route 53 zone that gets an alias record for `host`. None: no record is made."""

    dns_name: pulumi.Input[str] = ""
    """DNS name of the load balancer, for the alias record."""

    dns_zone_id: pulumi.Input[str] = ""
    """Route 53's zone of that name."""


class Route(pulumi.ComponentResource):
    """A rule that forwards requests from a load balancer to the pods of one service."""

    target_group_arn: pulumi.Output[str]
    """Target group of the pods. Resources that use it are created after the rules, and deleted before them."""

    target_group_suffix: pulumi.Output[str]
    """Suffix of its ARN from `targetgroup/`, which is its dimension in metrics."""

    def __init__(self, name: str, args: RouteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:edge:Route", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        target = make_target_group(
            f"{name}-pods",
            vpc_id=args.vpc_id,
            cluster_name=args.cluster_name,
            port=args.pod_port,
            health_path=args.health_path,
            deregistration_seconds=args.deregistration_seconds,
            child=child,
        )
        rules = [
            lb.ListenerRule(
                f"{name}-{listener}",
                listener_arn=arn,
                priority=args.priority,
                conditions=_conditions(args),
                actions=[{"type": "forward", "target_group_arn": target.arn}],
                opts=child,
            )
            for listener, arn in args.listeners.items()
        ]
        if args.host and args.zone:
            zone_id = find_zone(args.zone, self)
            make_alias(name, args.host, zone_id, dns_name=args.dns_name, dns_zone_id=args.dns_zone_id, child=child)

        self.target_group_arn = after(target.arn, *rules)
        self.target_group_suffix = target.arn_suffix
        self.register_outputs(
            {"target_group_arn": self.target_group_arn, "target_group_suffix": self.target_group_suffix}
        )


def _conditions(args: RouteArgs) -> list[lb.ListenerRuleConditionArgsDict]:
    """Return the conditions, all of which must match. Path patterns are case-sensitive.

    A rule has at most five values, which a host, a path and two keys have:

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
    """
    conditions: list[lb.ListenerRuleConditionArgsDict] = []
    if args.host:
        conditions.append({"host_header": {"values": [args.host]}})
    if args.path_prefix:
        conditions.append({"path_pattern": {"values": [args.path_prefix, f"{args.path_prefix}/*"]}})
    if args.keys:
        conditions.append(with_key(args.keys))
    return conditions
