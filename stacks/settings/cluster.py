"""`drydock:cluster`."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stacks.settings.addresses import internet_block, service_block
from stacks.settings.model import Cidr, RetentionDays, SettingsModel, repeated

RoleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9+=,.@_-]{1,64}$")]


class ClusterSettings(SettingsModel):
    """The EKS cluster."""

    version: Literal["1.33", "1.34", "1.35"] = "1.35"
    """Kubernetes version, one that EKS supports without extra charge. Raise it one step at a time."""

    service_cidr: Annotated[Cidr, AfterValidator(service_block)] = IPv4Network("172.20.0.0/16")
    """Addresses of Kubernetes Services: private, /12 to /24. Cannot change later."""

    admin_roles: Annotated[tuple[RoleName, ...], Field(min_length=2)] = ("drydock-deploy", "drydock-admin")
    """Names of the IAM roles that administer the cluster: the one that deploys, and one for when that is lost."""

    public_access_cidrs: tuple[Annotated[Cidr, AfterValidator(internet_block)], ...] = ()
    """Addresses from which the API server is reached over the internet. None: only from inside the VPC."""

    log_retention_days: RetentionDays = 365
    """Days that control plane logs are kept."""

    metrics_server_version: Annotated[str, Field(pattern=r"^v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+$")] = (
        "v0.8.0-eksbuild.2"
    )
    """Version of the metrics-server add-on."""

    deletion_protection: bool = True
    """Have EKS refuse to delete the cluster."""

    def problems(self) -> Iterator[str]:
        """Find roles and addresses that are named twice."""
        yield from repeated("adminRoles", "role", self.admin_roles)
        yield from repeated("publicAccessCidrs", "block", self.public_access_cidrs)
