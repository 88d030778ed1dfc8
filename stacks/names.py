"""Names that people, kubeconfigs and image references use."""

import re
from dataclasses import dataclass

from stacks.settings import SettingsError

PROJECT = "drydock"
MAX_ENVIRONMENT_LENGTH = 30  # the service's own limit; RDS and EKS would take more
NAMESPACE = "drydock"
APP = "api"


@dataclass(frozen=True)
class Names:
    """The names in one environment, such as `prod`. Raises SettingsError for what AWS would not take."""

    environment: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", self.environment) or "--" in self.environment:
            raise SettingsError(
                f"{self.environment}: not a name for an environment; accepted are lower case letters, digits and "
                "single hyphens, beginning with a letter"
            )
        if len(self.environment) > MAX_ENVIRONMENT_LENGTH:
            raise SettingsError(
                f"{self.environment}: not a name for an environment; accepted are at most "
                f"{MAX_ENVIRONMENT_LENGTH} characters"
            )

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

    @property
    def tags(self) -> dict[str, str]:
        """Tags of every AWS resource."""
        return {"Project": PROJECT, "Environment": self.environment, "ManagedBy": "pulumi"}
