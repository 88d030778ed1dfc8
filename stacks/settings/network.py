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
    "secretsmanager",
    "sqs",
    "sts",
]
# What pods reach by an endpoint only, since their network policy lets them reach AWS nowhere but inside the VPC.
ENDPOINTS_OF_PODS = {"sqs"}
# What nodes cannot do without when they have no way to the internet.
ENDPOINTS_WITHOUT_NAT = {
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "logs",  # where the output of pods goes
    "secretsmanager",  # from where they mount secrets in pods
    "sts",
}


class NetworkSettings(SettingsModel):
    """The VPC."""

    cidr: Annotated[Cidr, AfterValidator(vpc_block)] = IPv4Network("10.0.0.0/16")
    """Addresses of the VPC, /16 to /20. Cannot change later."""

    availability_zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=8)] = ("a", "b", "c")
    """Letters of the region's zones to use, two at least. More may be added at the end: nothing else moves."""

    nat_strategy: Literal["none", "single", "per-az"] = "per-az"
    """How private subnets reach the internet: a NAT gateway in each zone, a `single` one in the first of the list, or
    `none`."""

    interface_endpoints: tuple[Endpoint, ...] = ("sqs",)
    """AWS services reached without leaving the VPC: `sqs` always, and most of them with `natStrategy: none`."""

    peer_cidrs: tuple[Annotated[Cidr, AfterValidator(usable_block)], ...] = ()
    """Addresses of networks that this one is or will be connected to; nothing here may overlap them."""

    flow_logs_retention_days: RetentionDays = 365
    """Days that flow logs are kept."""

    def problems(self) -> Iterator[str]:
        """Find what is named twice, and nodes or pods that could not reach AWS."""
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
                "pods reach AWS inside the VPC only"
            )
