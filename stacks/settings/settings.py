"""All settings of an environment."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from itertools import combinations
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings.alarms import AlarmSettings
from stacks.settings.arns import POLICY, policy_name
from stacks.settings.budget import BudgetSettings
from stacks.settings.cluster import ClusterSettings
from stacks.settings.database import DatabaseSettings
from stacks.settings.edge import EdgeSettings
from stacks.settings.model import SettingsModel
from stacks.settings.network import NetworkSettings
from stacks.settings.regions import Region
from stacks.settings.roles import account_of
from stacks.settings.routes import route_problems
from stacks.settings.rules_of_groups import rule_problems
from stacks.settings.service import ServiceSettings
from stacks.settings.services import MAX_SERVICES, NamedServiceSettings, ServiceName
from stacks.settings.tags import MAX_KEY_LENGTH, MAX_VALUE_LENGTH, tag_key, tag_problems, tag_value

SPARE_CONNECTIONS = 10  # for a migration, a person and the connections that RDS reserves

TagKey = Annotated[str, AfterValidator(tag_key), Field(json_schema_extra={"maxLength": MAX_KEY_LENGTH})]
TagValue = Annotated[str, AfterValidator(tag_value), Field(json_schema_extra={"maxLength": MAX_VALUE_LENGTH})]
PolicyName = Annotated[str, AfterValidator(policy_name), Field(json_schema_extra={"pattern": POLICY})]


class Settings(SettingsModel):
    """An environment. The defaults are the safe choice for production."""

    region: Region
    """AWS region, such as `eu-central-1`."""

    account_id: Annotated[str | None, Field(pattern=r"^[0-9]{12}$")] = None
    """AWS account of the environment, 12 digits in quotes. Credentials of another account are refused before the
    plan. A local cloud replaces it."""

    permissions_boundary: PolicyName | None = None
    """Name of the IAM policy that is the permissions boundary of every role of the environment, with its path if any.
    The deploy role of `docs/deploy-role.md` cannot create roles without it."""

    protect: bool = True
    """Protect data from deletion by Pulumi: database, keys, images, secrets, logs."""

    tags: Mapping[TagKey, TagValue] = Field(default_factory=dict)
    """Tags of every AWS resource, in addition to Project, Environment and ManagedBy; at most 45."""

    network: NetworkSettings = Field(default_factory=NetworkSettings)
    cluster: ClusterSettings = Field(default_factory=ClusterSettings)
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    service: ServiceSettings = Field(default_factory=ServiceSettings)
    services: Annotated[Mapping[ServiceName, NamedServiceSettings], Field(max_length=MAX_SERVICES)] = Field(
        default_factory=dict
    )
    """Services in addition to the bundled one, by name; for their settings see docs/your-own-service.md."""

    edge: EdgeSettings = Field(default_factory=EdgeSettings)
    alarms: AlarmSettings = Field(default_factory=AlarmSettings)
    budget: BudgetSettings = Field(default_factory=BudgetSettings)

    def problems(self) -> Iterator[str]:
        """Find conflicts between the parts."""
        yield from tag_problems(self.tags)
        yield from self._overlaps()
        yield from self._unowned_settings()
        yield from self._connections()
        yield from route_problems(self.services, self.edge)
        yield from rule_problems(self.network.peer_cidrs, self.edge, self.cluster)
        if self.protect:
            yield from self._gaps_in_protection()

    def _overlaps(self) -> Iterator[str]:
        networks: list[tuple[str, IPv4Network]] = [
            ("network.cidr", self.network.cidr),
            ("cluster.serviceCidr", self.cluster.service_cidr),
            *((f"network.peerCidrs[{i}]", cidr) for i, cidr in enumerate(self.network.peer_cidrs)),
        ]
        for (other_path, other), (path, cidr) in combinations(networks, 2):
            if cidr.overlaps(other):
                yield f"{path}: must not overlap {other_path} ({other}), got {cidr}"

    def _unowned_settings(self) -> Iterator[str]:
        """Find roles of other accounts, topics and certificates of other regions, and addresses without a route."""
        for i, role in enumerate(self.cluster.admin_roles or ()):
            account = account_of(role)
            if account and account != self.account_id:
                found = f"is {self.account_id}" if self.account_id else "is not set"
                yield f"cluster.adminRoles[{i}]: must belong to the account accountId, which {found}, got {role}"
        for i, topic in enumerate(self.alarms.topics):
            # CloudWatch notifies only topics of its own region.
            if topic.split(":")[3] != self.region:
                yield f"alarms.topics[{i}]: must be in the region {self.region}, got {topic}"
        # Load balancers need a certificate of their own region:
        # https://docs.amazonaws.cn/en_us/acm/latest/userguide/acm-regions.html
        certificate = self.edge.certificate_arn
        if certificate and certificate.split(":")[3] != self.region:
            yield f"edge.certificateArn: must be in the region {self.region}, got {certificate}"
        if certificate and self.account_id and certificate.split(":")[4] != self.account_id:
            yield f"edge.certificateArn: must belong to the account accountId ({self.account_id}), got {certificate}"
        reached = (self.network.cidr, *self.network.peer_cidrs)
        for i, cidr in enumerate(self.cluster.private_access_cidrs):
            if not any(cidr.subnet_of(block) for block in reached):
                known = ", ".join(map(str, reached))
                yield (
                    f"cluster.privateAccessCidrs[{i}]: must be inside network.cidr or one of network.peerCidrs "
                    f"({known}), got {cidr}"
                )

    def _connections(self) -> Iterator[str]:
        pods, workers, each = self.service.max_replicas, self.service.worker_replicas, self.service.max_connections
        others = {name: service.connections for name, service in self.services.items() if service.connections}
        # During a rollout there is one pod more than the maximum, of the API and of the worker.
        needed = (pods + 1 + workers + 1) * each + sum(others.values()) + SPARE_CONNECTIONS
        if needed > self.database.max_connections:
            more = "".join(f", {most} of services.{name}" for name, most in sorted(others.items()))
            yield (
                f"database.maxConnections: must be {needed} or more, for {pods} + 1 pods (service.maxReplicas) and "
                f"{workers} + 1 workers (service.workerReplicas) with {each} connections each "
                f"(service.maxConnections){more} and {SPARE_CONNECTIONS} to spare, got {self.database.max_connections}"
            )

    def _gaps_in_protection(self) -> Iterator[str]:
        for path, value, needed in (
            ("cluster.deletionProtection", self.cluster.deletion_protection, True),
            ("database.deletionProtection", self.database.deletion_protection, True),
            ("edge.deletionProtection", self.edge.deletion_protection, True),
            ("database.skipFinalSnapshot", self.database.skip_final_snapshot, False),
        ):
            if value is not needed:
                yield f"{path}: must be {str(needed).lower()} while protect is true, got {str(value).lower()}"
