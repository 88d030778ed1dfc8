"""`drydock:cluster`."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stacks.settings.addresses import internet_block, service_block, usable_block
from stacks.settings.model import Cidr, PublicCidr, RetentionDays, SettingsModel, repeated
from stacks.settings.roles import ROLE_PATTERN, role, role_problems
from stacks.versions import METRICS_SERVER, POD_LOGS

Role = Annotated[str, AfterValidator(role), Field(json_schema_extra={"pattern": ROLE_PATTERN})]
Version = Literal["1.33", "1.34", "1.35", "1.36"]
METRICS_SERVERS = tuple(dict.fromkeys(build for builds in METRICS_SERVER.values() for build in builds))


def _listed(names: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _known_build(build: str) -> str:
    if build not in METRICS_SERVERS:
        raise ValueError(f"{_listed(METRICS_SERVERS)}; stacks/versions.py has the list; add others there")
    return build


MetricsServer = Annotated[str, AfterValidator(_known_build), Field(json_schema_extra={"enum": list(METRICS_SERVERS)})]
# This quota cannot be raised: https://docs.amazonaws.cn/en_us/eks/latest/userguide/service-quotas.html,
# https://github.com/aws/containers-roadmap/issues/2174
MAX_PUBLIC_CIDRS = 40
SecurityGroupId = Annotated[str, Field(pattern=r"^sg-([0-9a-f]{8}|[0-9a-f]{17})$")]


class ClusterSettings(SettingsModel):
    """The EKS cluster."""

    version: Version = "1.35"
    """Kubernetes version. Upgrade one minor version at a time."""

    support: Literal["standard", "extended"] = "standard"
    """What EKS does when standard support of the version ends: upgrade the cluster automatically, or continue for a
    year for an extra charge. `drydock doctor` and each preview warn 90 days before."""

    service_cidr: Annotated[Cidr, AfterValidator(service_block)] = IPv4Network("172.20.0.0/16")
    """CIDR block of Kubernetes Services: private, /12 to /24. It cannot be changed later."""

    admin_roles: Annotated[tuple[Role, ...], Field(min_length=2)] | None = None
    """IAM roles that administer the cluster: the deploy role, and one for emergencies. Each is a name, a
    path and a name (`ops/admin`), or an ARN of `accountId`. None: `drydock-STACK-deploy` and `drydock-STACK-admin`."""

    private_access_cidrs: tuple[Annotated[Cidr, AfterValidator(usable_block)], ...] = ()
    """CIDR blocks of the VPC or its peers that may reach the API server, such as the subnet of a runner or a VPN."""

    private_access_security_groups: tuple[SecurityGroupId, ...] = ()
    """Security groups whose members may reach the API server, such as that of a runner in the VPC."""

    public_access_cidrs: Annotated[
        tuple[Annotated[PublicCidr, AfterValidator(internet_block)], ...], Field(max_length=MAX_PUBLIC_CIDRS)
    ] = ()
    """At most 40 CIDR blocks, /24 or smaller, that may reach the API server over the internet. Empty: no public
    endpoint."""

    architecture: Literal["amd64", "arm64"] = "amd64"
    """Architecture of the nodes and of the image."""

    spot_workers: bool = False
    """Run the workers on spot instances if available: cheaper, but interrupted with two minutes' notice."""

    log_retention_days: RetentionDays = 365
    """Retention in days of the logs of the control plane, the nodes and the pods."""

    metrics_server_version: MetricsServer | None = None
    """Version of the metrics-server add-on, which must support the Kubernetes version. None: the tested version."""

    # Offered for 1.35 and 1.36 since August 2026: https://github.com/aws-controllers-k8s/test-infra/pull/1051
    secrets_store_version: Annotated[str, Field(pattern=r"^v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+$")] = (
        "v3.1.2-eksbuild.1"
    )
    """Version of the add-on `aws-secrets-store-csi-driver-provider`, which mounts secrets."""

    # Its configuration values are those of 6.2 and later:
    # https://github.com/aws-observability/helm-charts/pull/315
    pod_logs_version: Annotated[str, Field(pattern=r"^v6\.([2-9]|[1-9][0-9])\.[0-9]+-eksbuild\.[0-9]+$")] = POD_LOGS
    """Version of the add-on `amazon-cloudwatch-observability`, which sends the output of pods to CloudWatch Logs; 6.2
    or later."""

    deletion_protection: bool = True
    """Enable deletion protection in EKS."""

    def problems(self) -> Iterator[str]:
        """Find duplicate roles, groups and addresses."""
        yield from role_problems("adminRoles", self.admin_roles or ())
        yield from repeated("privateAccessCidrs", "block", self.private_access_cidrs)
        yield from repeated("privateAccessSecurityGroups", "group", self.private_access_security_groups)
        if self.metrics_server not in METRICS_SERVER[self.version]:
            yield (
                f"metricsServerVersion: must be {_listed(METRICS_SERVER[self.version])} with version {self.version}, "
                f"got {self.metrics_server}"
            )
        yield from repeated("publicAccessCidrs", "block", self.public_access_cidrs)

    def admins(self, environment: str) -> tuple[str, ...]:
        """Return the administrator roles of the cluster of an environment, the deploy role first.

        Each environment has its own: an account may have several, and the deploy role of one must not administer
        another.
        """
        return self.admin_roles or (f"drydock-{environment}-deploy", f"drydock-{environment}-admin")

    @property
    def metrics_server(self) -> str:
        """The version of the metrics-server add-on."""
        return self.metrics_server_version or METRICS_SERVER[self.version][0]

    @property
    def allows_api_access(self) -> bool:
        """Whether the settings allow anything but the cluster's own nodes to reach the API server."""
        return bool(self.private_access_cidrs or self.private_access_security_groups or self.public_access_cidrs)
