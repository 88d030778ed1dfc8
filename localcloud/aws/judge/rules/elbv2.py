"""Rules of Elastic Load Balancing: names, subnets of load balancers, and the network of target groups.

The messages about subnets are AWS's. The messages of the other rules are not documented by AWS.
"""

import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRule, RequestRules, StateRules, lookup, one

_MAX_NAME = 32
_MIN_ZONES = 2
_TWO_ZONES = "At least two subnets in two different Availability Zones must be specified"


def _name(kind: str, shape: str) -> RequestRule:
    """Return the rule that validates the name of a load balancer or a target group."""
    source = f"botocore elbv2 {shape}.Name"

    def rule(parameters: Parameters) -> Iterator[RefusedError]:
        name = parameters.get("Name")
        if not isinstance(name, str) or not known(name):
            return
        words = ""
        if len(name) > _MAX_NAME:
            words = f"{kind} name '{name}' cannot be longer than '{_MAX_NAME}' characters"
        elif not re.fullmatch(r"[a-zA-Z0-9-]*", name):
            words = f"{kind} name '{name}' can only contain characters that are alphanumeric characters and hyphens(-)"
        elif name.startswith("-") or name.endswith("-"):
            words = f"{kind} name '{name}' cannot begin or end with '-'"
        elif kind == "Load balancer" and name.startswith("internal-"):
            words = f"{kind} name '{name}' cannot begin with 'internal-'"
        if words:
            yield _invalid(words, ("Name",), name, source)

    return rule


def _vpc(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a VPC, a protocol and a port, unless the target is a Lambda function."""
    if parameters.get("TargetType") == "lambda":
        return
    for name in ("Protocol", "Port", "VpcId"):
        if parameters.get(name) is None:
            source = f"botocore elbv2 CreateTargetGroupInput.{name}"
            yield _invalid(f"A {_spaced(name)} must be specified", (name,), None, source)


def _subnets_given(parameters: Parameters) -> Iterator[RefusedError]:
    """Require at least two subnets for an Application Load Balancer."""
    subnets = parameters.get("Subnets")
    if parameters.get("Type", "application") != "application" or not isinstance(subnets, list):
        return
    if len(subnets) < _MIN_ZONES:
        yield _invalid(_TWO_ZONES, ("Subnets",), subnets, "https://github.com/kasmtech/terraform/issues/5")


def _subnets_there(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse several subnets in the same availability zone."""
    subnets = parameters.get("Subnets") or []
    found = [one(ask, "DescribeSubnets", "Subnets", SubnetIds=[subnet]).get("AvailabilityZone") for subnet in subnets]
    zones = [zone for zone in found if zone]
    if len(set(zones)) < len(zones):
        yield RefusedError(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
            path=("Subnets",),
            value=subnets,
            source="https://github.com/robertdebock/terraform-aws-vault/issues/5",
        )


def _dual_stack(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Require subnets with an IPv6 CIDR block for a dual-stack load balancer."""
    arn = parameters.get("LoadBalancerArn")
    told = lookup(ask, "elbv2", "DescribeLoadBalancers", LoadBalancerArns=[arn]) if arn else {}
    balancer: dict[str, Any] = next(iter(told.get("LoadBalancers", ())), {})
    kind = parameters.get("IpAddressType") or balancer.get("IpAddressType")
    subnets = parameters.get("Subnets") or [zone["SubnetId"] for zone in balancer.get("AvailabilityZones", ())]
    if not str(kind).startswith("dualstack"):
        return
    for subnet in subnets:
        if not one(ask, "DescribeSubnets", "Subnets", SubnetIds=[subnet]).get("Ipv6CidrBlockAssociationSet"):
            words = "You must specify subnets with an associated IPv6 CIDR block."
            source = "https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/4852"
            name = "IpAddressType" if parameters.get("IpAddressType") else "Subnets"
            yield _invalid(words, (name,), parameters[name], source)


def _spaced(name: str) -> str:
    """Return a parameter name for a message: `VpcId` -> `VPC ID`, and any other name in lower case."""
    return "VPC ID" if name == "VpcId" else name.lower()


def _invalid(words: str, path: Path, value: Any, source: str) -> RefusedError:
    return RefusedError("ValidationError", words, path=path, value=value, source=source)


REQUEST_RULES: RequestRules = {
    ("elbv2", "CreateLoadBalancer"): (_name("Load balancer", "CreateLoadBalancerInput"), _subnets_given),
    ("elbv2", "CreateTargetGroup"): (_name("Target group", "CreateTargetGroupInput"), _vpc),
}
STATE_RULES: StateRules = {
    ("elbv2", "CreateLoadBalancer"): (_subnets_there, _dual_stack),
    ("elbv2", "SetIpAddressType"): (_dual_stack,),
    ("elbv2", "SetSubnets"): (_subnets_there, _dual_stack),
}
