"""Names that people, kubeconfigs and image references use."""

from dataclasses import dataclass

from stacks.settings import require_name

PROJECT = "drydock"
NAMESPACE = "drydock"
APP = "api"
MIGRATION = f"{APP}-migration"
"""ServiceAccount of the migration."""
DATABASE_USER = "service"
"""PostgreSQL role that the service signs in as; the migration creates it."""


def database_role(service: str) -> str:
    """Return the PostgreSQL role and schema of a service of `drydock:services`: a name without quotes in SQL."""
    return service.replace("-", "_")


def migration_role(service: str) -> str:
    """Return the PostgreSQL role that changes the schema of a service, if it has a migration.

    Names of services have no consecutive hyphens.
    """
    return f"{database_role(service)}__migration"


@dataclass(frozen=True)
class Names:
    """The names in one environment, such as `prod`. Raises SettingsError for names that AWS does not accept."""

    environment: str

    def __post_init__(self) -> None:
        require_name(self.environment)

    @property
    def cluster(self) -> str:
        """Name of the EKS cluster."""
        return f"{PROJECT}-{self.environment}"

    @property
    def database(self) -> str:
        """Identifier of the RDS instance."""
        return f"{PROJECT}-{self.environment}"

    @property
    def repository(self) -> str:
        """Name of the ECR repository."""
        return f"{PROJECT}-{self.environment}"

    def repository_of(self, service: str) -> str:
        """Name of the ECR repository of a service of `drydock:services`, below that of the stack."""
        return f"{self.repository}/{service}"

    @property
    def log_groups(self) -> tuple[str, ...]:
        """Names of the log groups of the cluster, the database and the pods, which AWS and its add-ons fix.

        AWS may create them again after a destroy; `stacks.left_over` finds them, and a deployment imports them.
        """
        return (
            f"/aws/eks/{self.cluster}/cluster",
            *(f"/aws/rds/instance/{self.database}/{log}" for log in ("postgresql", "upgrade")),
            *(f"/aws/containerinsights/{self.cluster}/{kind}" for kind in ("application", "dataplane", "host")),
        )

    @property
    def tags(self) -> dict[str, str]:
        """Tags of every AWS resource."""
        return {"Project": PROJECT, "Environment": self.environment, "ManagedBy": "pulumi"}
