"""`drydock:services`: the services beside the bundled one, by name."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings.edge import Domain
from stacks.settings.model import SettingsModel
from stacks.settings.pods import PodSettings
from stacks.settings.reserved import every_service_problems
from stacks.settings.service import SecretName, SettingName, VariableValue
from stacks.settings.urls import port_of

# The target group has the shortest name: `NAME-pods-` and seven characters of Pulumi's are the 32 that ELB takes.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
MAX_NAME_LENGTH = 15
NAME_PATTERN = rf"^[a-z]([a-z0-9-]{{0,{MAX_NAME_LENGTH - 2}}}[a-z0-9])?$"
MAX_SERVICES = 20
RESERVED_NAMES = frozenset({"app", "drydock", "none", "postgres", "public", "rdsadmin", "service"})
"""Names that PostgreSQL, RDS or Drydock has for roles and schemas of its own."""
RESERVED_PREFIXES = ("pg-", "rds-")
IMAGE_BY_DIGEST = re.compile(r"[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+@sha256:[0-9a-f]{64}")
FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


def service_name(name: str) -> str:
    """Check the name of a service. Raises ValueError."""
    if not re.fullmatch(NAME_PATTERN.strip("^$"), name, re.ASCII) or "--" in name:
        raise ValueError(
            "a name of lower case letters, digits and single hyphens that begins with a letter and does not end with a "
            f"hyphen, at most {MAX_NAME_LENGTH} characters, such as shop"
        )
    if name == "api":
        raise ValueError("another name than api, which is the bundled service: drydock:service has its settings")
    if name in RESERVED_NAMES or name.startswith(RESERVED_PREFIXES):
        raise ValueError(f"another name than {name}, which the database or Drydock uses itself, such as shop")
    return name


def image_source(image: str) -> str:
    """Check where an image comes from. Raises ValueError."""
    if not IMAGE_BY_DIGEST.fullmatch(image) and not FOLDER.fullmatch(image):
        raise ValueError(
            "a folder with a Dockerfile, relative to the repository, such as services/shop, or an image by its digest, "
            "such as registry.example.com/shop@sha256: and 64 hexadecimal digits"
        )
    return image


ServiceName = Annotated[str, AfterValidator(service_name), Field(json_schema_extra={"pattern": NAME_PATTERN})]
ImageSource = Annotated[str, AfterValidator(image_source)]
Word = Annotated[str, Field(pattern=r"^[ -~]{1,1024}$")]
Command = Annotated[tuple[Word, ...], Field(min_length=1, max_length=64)]
HttpPath = Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/-]{0,127}$")]
# A pattern of a listener rule has 128 characters at most, and none of its wildcards is a character of these:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions
PathPrefix = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]{1,28}){1,4}$")]


class RouteSettings(SettingsModel):
    """Which requests a service gets."""

    host: Domain | None = None
    """Host name of the requests; none: any."""

    path_prefix: PathPrefix | None = None
    """First segments of the requests' path, such as `/shop`; none: any path. The service gets the whole path."""

    def problems(self) -> Iterator[str]:
        """Find a route that all requests would take."""
        if self.host is None and self.path_prefix is None:
            yield "pathPrefix: must be set, or host: requests for neither are the bundled service's"


class WorkerSettings(SettingsModel):
    """Pods of the same image that do jobs and answer no requests."""

    command: Command
    """Program with its arguments, in place of the image's."""

    replicas: Annotated[int, Field(ge=1, le=1000)] = 2
    """Pods of the worker."""


class ServiceDatabaseSettings(SettingsModel):
    """A role and a schema of its own in the database of the stack."""

    max_connections: Annotated[int, Field(ge=1, le=1000)] = 10
    """Connections a pod may hold, which it gets as `DB_MAX_CONNECTIONS`. PostgreSQL refuses more of all pods
    together."""


class MigrationSettings(SettingsModel):
    """What runs once for each release, before any pod of it."""

    command: Command
    """Program with its arguments, in place of the image's. Its role of PostgreSQL alone may change the schema."""


class NamedServiceSettings(PodSettings):
    """A service beside the bundled one."""

    image: ImageSource
    """Folder with a Dockerfile, relative to the repository, or an image by its digest, `repository@sha256:...`."""

    route: RouteSettings
    """Which requests the load balancer passes on to it."""

    command: Command | None = None
    """Program of the server with its arguments, in place of the image's; none: the image's."""

    port: Annotated[int, Field(ge=1024, le=65535)] = 8080
    """Port that the server listens on, which it gets as `PORT`."""

    readiness_path: HttpPath = "/"
    """HTTP path that answers 200 while the server takes requests."""

    liveness_path: HttpPath = "/"
    """HTTP path that answers 200 to 399 while the server works; it is restarted otherwise."""

    queue: bool = False
    """Make a queue on SQS with dead letters, as `QUEUE_URL` and `DEAD_LETTER_QUEUE_URL`."""

    worker: WorkerSettings | None = None
    """Pods of the same image that do jobs."""

    database: ServiceDatabaseSettings | None = None
    """A role and a schema of its own in the database of the stack, as `DB_HOST` and the other `DB_` variables; `{}` for
    the default."""

    migration: MigrationSettings | None = None
    """A Job of the same image that changes the schema before a release. Needs `database`."""

    environment: Mapping[SettingName, VariableValue] = Field(default_factory=dict)
    """Environment variables. Not for secrets, nor for those that Drydock sets. The port of each value that is a URL is
    opened for the pods."""

    secrets: Mapping[SettingName, SecretName] = Field(default_factory=dict)
    """Secrets of Secrets Manager that pods mount as files in `SECRETS_DIR`: the secret's name by the file's. They must
    exist."""

    @property
    def folder(self) -> str | None:
        """The folder of the image; None where it is given by its digest."""
        return None if IMAGE_BY_DIGEST.fullmatch(self.image) else self.image

    @property
    def dependency_ports(self) -> list[int]:
        """TCP ports of `egressPorts` and of everything that the environment names by a URL, in order."""
        return sorted({*self.egress_ports, *(port for value in self.environment.values() if (port := port_of(value)))})

    @property
    def most_pods(self) -> int:
        """Pods there are at most, the worker's too."""
        return self.max_replicas + (self.worker.replicas if self.worker else 0)

    @property
    def connections(self) -> int:
        """Connections to the database that its pods hold at most: in a rollout each Deployment has one pod more."""
        each = self.database.max_connections if self.database else 0
        return (self.most_pods + (2 if self.worker else 1)) * each

    def problems(self) -> Iterator[str]:
        """Find names that are taken, and what is wrong with the pods."""
        yield from every_service_problems("secrets", self.secrets)
        yield from every_service_problems("environment", self.environment)
        for name in sorted(set(self.secrets) & set(self.environment)):
            yield f"environment: must not have {name}, which secrets has too"
        if self.migration and self.database is None:
            yield "migration: needs database: it is what changes the schema; set `database: {}`, or leave it out"
        yield from super().problems()
