"""What a Network is made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal

import pulumi

NatStrategy = Literal["none", "single", "per-az"]


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What a Network is made from."""

    region: str
    """AWS region, such as `eu-central-1`."""

    account_id: pulumi.Input[str]
    """AWS account that owns the VPC, the only one whose flow logs the bucket takes."""

    cidr: IPv4Network
    """Addresses of the VPC, /16 to /20."""

    zones: Sequence[str]
    """Letters of the availability zones, `a` to `h`. A letter's subnets never move when another comes or goes."""

    nat_strategy: NatStrategy = "per-az"
    """How private subnets reach the internet: `none`, `single` (one gateway, in the first of `zones`) or `per-az`."""

    interface_endpoints: Sequence[str] = ()
    """AWS services reached inside the VPC, such as `ecr.api`. S3 always is, free of charge."""

    flow_logs_retention_days: int = 365
    """Days until a flow log is deleted from the bucket."""

    protect: bool = True
    """Keep the bucket with the flow logs from being deleted, by Pulumi's `protect` and by not emptying it."""
