"""Arguments of a Network."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal

import pulumi

NatStrategy = Literal["none", "single", "per-az"]


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Arguments of a Network."""

    region: str
    """AWS region, such as `eu-central-1`."""

    account_id: pulumi.Input[str]
    """AWS account of the VPC, the only one whose flow logs the bucket accepts."""

    cidr: IPv4Network
    """Addresses of the VPC, /16 to /20."""

    zones: Sequence[str]
    """Letters of the availability zones, `a` to `h`. Adding or removing a zone does not move the subnets of another."""

    nat_strategy: NatStrategy = "per-az"
    """How private subnets reach the internet: `none`, `single` (one gateway, in the first of `zones`) or `per-az`."""

    interface_endpoints: Sequence[str] = ()
    """AWS services with an interface endpoint in the VPC, such as `ecr.api`. S3 always has a free gateway endpoint,
    which pods cannot use, because their network policy admits AWS only inside the VPC."""

    flow_logs_retention_days: int = 365
    """Days until a flow log is deleted from the bucket."""

    protect: bool = True
    """Protect the bucket of the flow logs from deletion by Pulumi, and do not empty it."""
