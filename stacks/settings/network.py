"""`drydock:network`."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stacks.settings.addresses import usable_block, vpc_block
from stacks.settings.model import Cidr, RetentionDays, SettingsModel, repeated

Zone = Literal["a", "b", "c", "d", "e", "f", "g", "h"]
Endpoint = Literal[
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "sqs",
    "sts",
]
# Services that pods reach only by an endpoint, because their network policy allows AWS only inside the VPC.
ENDPOINTS_OF_PODS = {"sqs"}
# Services that nodes need if they have no route to the internet.
ENDPOINTS_WITHOUT_NAT = {
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "logs",  # for the output of pods
    "secretsmanager",  # for secrets mounted in pods
    "sts",
}


class NetworkSettings(SettingsModel):
    """The VPC."""

    cidr: Annotated[Cidr, AfterValidator(vpc_block)] = IPv4Network("10.0.0.0/16")
    """CIDR block of the VPC, /16 to /20. It cannot be changed later."""

    availability_zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=8)] = ("a", "b", "c")
    """Letters of the availability zones, at least two. More may be added at the end without moving others."""

    nat_strategy: Literal["none", "single", "per-az"] = "per-az"
    """How private subnets reach the internet: a NAT gateway `per-az`, a `single` one in the first zone, or
    `none`."""

    interface_endpoints: tuple[Endpoint, ...] = ("sqs",)
    """AWS services with an interface endpoint: `sqs` is always required; with `natStrategy: none`, all except `kms`
    and `s3` are. Pods reach S3 only through its interface endpoint, nodes also through a free gateway endpoint."""

    peer_cidrs: tuple[Annotated[Cidr, AfterValidator(usable_block)], ...] = ()
    """CIDR blocks of networks that are or will be connected to this one, which must not overlap."""

    flow_logs_retention_days: RetentionDays = 365
    """Retention of the flow logs in days."""

    def problems(self) -> Iterator[str]:
        """Find duplicates, and missing endpoints without which nodes or pods cannot reach AWS."""
        yield from repeated("availabilityZones", "zone", self.availability_zones)
        yield from repeated("interfaceEndpoints", "service", self.interface_endpoints)
        missing = sorted(ENDPOINTS_WITHOUT_NAT - set(self.interface_endpoints))
        if self.nat_strategy == "none" and missing:
            yield (
                f"interfaceEndpoints: must also have {', '.join(missing)} when natStrategy is none, "
                "or nodes cannot join the cluster"
            )
        if not set(self.interface_endpoints) >= ENDPOINTS_OF_PODS:
            yield (
                f"interfaceEndpoints: must also have {', '.join(sorted(ENDPOINTS_OF_PODS))}; "
                "pods reach AWS only inside the VPC"
            )
