"""Target groups of load balancers, with their health checks and attributes."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource
from localcloud.aws.services.load_balancers import ElbResource, as_text, attributes_of
from localcloud.protocol.values import Properties

# Pulumi's property -> key of ModifyTargetGroupAttributes.
ATTRIBUTES: Mapping[str, str] = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "loadBalancingAnomalyMitigation": "load_balancing.algorithm.anomaly_mitigation",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
    "slowStart": "slow_start.duration_seconds",
}
# Properties that get this value again if the program no longer sets them. The others keep their value.
_DEFAULTS: Mapping[str, Any] = {"deregistrationDelay": 300, "slowStart": 0}
# Attributes of a new target group that the rules of the others need.
_INITIAL: Mapping[str, Any] = {ATTRIBUTES["loadBalancingAlgorithmType"]: "round_robin"}
# Property of Pulumi's block `stickiness` -> key. That of the duration depends on the type of cookie.
_STICKINESS: Mapping[str, str] = {
    "cookieName": "stickiness.app_cookie.cookie_name",
    "enabled": "stickiness.enabled",
    "type": "stickiness.type",
}
_DURATION = "stickiness.{type}.duration_seconds"
_COOKIES = ("app_cookie", "lb_cookie")
# Property of Pulumi's block `healthCheck` -> AWS's parameter.
HEALTH: Mapping[str, str] = {
    "enabled": "HealthCheckEnabled",
    "healthyThreshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}
# Property of a target group -> AWS's parameter, for those that a change keeps and that the rules of a change need.
_KEPT: Mapping[str, str] = {"protocol": "Protocol", "targetType": "TargetType"}


class TargetGroup(ElbResource):
    """A target group. Its targets are registered separately."""

    type = "aws:lb/targetGroup:TargetGroup"
    gone = {"TargetGroupNotFound": ()}
    recorded = "stickiness, slow start, and how requests are distributed to targets"
    autoname = "name"
    # The names `port` and `protocol` are also those of the target group itself.
    renames = {
        **ATTRIBUTES,
        "cookieName": _STICKINESS["cookieName"],
        "matcher": "HttpCode",
        **{ours: theirs for ours, theirs in HEALTH.items() if ours not in ("port", "protocol")},
    }
    replaces = ("ipAddressType", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "vpcId")
    describe_operation = "DescribeTargetGroups"
    found = "TargetGroups.0"
    id_parameter = "TargetGroupArns"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the target group, then set its attributes."""
        own = {key: value for key, value in inputs.items() if key not in ("tags", "healthCheck")}
        answer = aws.mapped("elbv2", "CreateTargetGroup", own, None, **_health(inputs), **self.create_tags(inputs))
        arn = str(answer["TargetGroups"][0]["TargetGroupArn"])
        self.update(aws, arn, {}, inputs, {*ATTRIBUTES, "stickiness"} & set(inputs))
        return arn

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state in Pulumi's names, with attributes and the health check."""
        told = aws.call("elbv2", "DescribeTargetGroupAttributes", TargetGroupArn=id_)["Attributes"]
        found = attributes_of(told)
        check = {ours: item.get(theirs) for ours, theirs in HEALTH.items()}
        matcher = item.get("Matcher") or {}
        return {
            "arn": id_,
            "arnSuffix": id_.rpartition(":")[2],
            "name": item["TargetGroupName"],
            "port": item.get("Port"),
            "protocol": item.get("Protocol"),
            "protocolVersion": item.get("ProtocolVersion"),
            "ipAddressType": item.get("IpAddressType"),
            "targetType": item["TargetType"],
            "vpcId": item.get("VpcId"),
            **{ours: found.get(theirs) for ours, theirs in ATTRIBUTES.items()},
            "stickiness": _stickiness_state(found),
            "healthCheck": {**check, "matcher": matcher.get("HttpCode") or matcher.get("GrpcCode")},
            "tagsAll": self.tagging.decode(self.tags(aws, id_, item)) if self.tagging else {},
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Change the health check and the attributes."""
        target = {"TargetGroupArn": id_}
        kept = {theirs: new[ours] for ours, theirs in _KEPT.items() if ours in new}
        if "healthCheck" in changed:
            health = {**target, **_health(new)}
            aws.check("elbv2", "ModifyTargetGroup", **health, **kept)
            aws.call("elbv2", "ModifyTargetGroup", **health)
        wanted = {theirs: new.get(ours, _DEFAULTS.get(ours)) for ours, theirs in ATTRIBUTES.items() if ours in changed}
        if "stickiness" in changed:
            wanted |= _stickiness(new.get("stickiness") or {})
        if attributes := _listed(wanted):
            own = {theirs: new[ours] for ours, theirs in ATTRIBUTES.items() if ours in new}
            initial = _INITIAL if not old and "loadBalancingAnomalyMitigation" in new else {}
            complete = _listed({**initial, **own, **_stickiness(new.get("stickiness") or {}), **wanted})
            aws.check("elbv2", "ModifyTargetGroupAttributes", **target, Attributes=complete, **kept)
            aws.call("elbv2", "ModifyTargetGroupAttributes", **target, Attributes=attributes)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the target group. ELB refuses this while a listener uses it."""
        aws.call("elbv2", "DeleteTargetGroup", TargetGroupArn=id_)


def _listed(attributes: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": as_text(value)} for key, value in attributes.items() if value is not None]


def _health(inputs: Properties) -> dict[str, Any]:
    """Return the block `healthCheck` of a target group as AWS's parameters."""
    check = inputs.get("healthCheck") or {}
    numbers = {"healthyThreshold", "interval", "timeout", "unhealthyThreshold"}
    given = {key: value for key, value in check.items() if value is not None}
    wanted = {
        theirs: int(given[ours]) if ours in numbers else given[ours] for ours, theirs in HEALTH.items() if ours in given
    }
    code = "GrpcCode" if inputs.get("protocolVersion") == "GRPC" else "HttpCode"
    return wanted | ({"Matcher": {code: given["matcher"]}} if "matcher" in given else {})


def _stickiness(block: Properties) -> dict[str, Any]:
    """Return the attributes of the block `stickiness`, whose `enabled` is true by default."""
    if not block:
        return {}
    wanted = {theirs: block.get(ours) for ours, theirs in _STICKINESS.items()}
    wanted[_STICKINESS["enabled"]] = block.get("enabled", True)
    if block.get("type") in _COOKIES:
        wanted[_DURATION.format(type=block["type"])] = block.get("cookieDuration")
    return wanted


def _stickiness_state(found: Mapping[str, str]) -> Properties:
    kind = found.get(_STICKINESS["type"], "")
    told = {ours: found.get(theirs) for ours, theirs in _STICKINESS.items()}
    duration = found.get(_DURATION.format(type=kind))
    return {key: value for key, value in {**told, "cookieDuration": duration}.items() if value is not None}


TYPES: tuple[type[Resource], ...] = (TargetGroup,)
