"""`drydock:services`: services in addition to the bundled one, by name."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings.domains import Domain
from stacks.settings.model import SettingsModel
from stacks.settings.pods import PodSettings
from stacks.settings.reserved import every_service_problems
from stacks.settings.service import SecretName, SettingName, VariableValue
from stacks.settings.urls import port_of

# The target group has the tightest limit: `NAME-pods-` and seven characters of Pulumi fit into the 32 of ELB.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
MAX_NAME_LENGTH = 15
NAME_PATTERN = rf"^[a-z]([a-z0-9-]{{0,{MAX_NAME_LENGTH - 2}}}[a-z0-9])?$"
MAX_SERVICES = 20
RESERVED_NAMES = frozenset({"app", "drydock", "none", "postgres", "public", "rdsadmin", "service"})
"""Names that PostgreSQL, RDS or Drydock reserves for roles and schemas."""
RESERVED_PREFIXES = ("pg-", "rds-")
# Without a registry it is one of Docker Hub, whose host containerd adds:
# https://github.com/containerd/containerd/blob/v1.7.12/reference/docker/normalize.go
_NAME = "[a-z0-9]+([._-]+[a-z0-9]+)*"
IMAGE_BY_DIGEST = re.compile(rf"([a-z0-9][a-z0-9.-]*(:[0-9]{{1,5}})?/)?{_NAME}(/{_NAME})*@sha256:[0-9a-f]{{64}}")
FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


def service_name(name: str) -> str:
    """Check the name of a service. Raises ValueError."""
    if not re.fullmatch(NAME_PATTERN.strip("^$"), name, re.ASCII) or "--" in name:
        raise ValueError(
            "a name of lower case letters, digits and single hyphens that begins with a letter and does not end with a "
            f"hyphen, at most {MAX_NAME_LENGTH} characters, such as shop"
        )
    if name == "api":
        raise ValueError("a name other than api, which is the bundled service; its settings are in drydock:service")
    if name in RESERVED_NAMES or name.startswith(RESERVED_PREFIXES):
        raise ValueError(f"a name other than {name}, which the database or Drydock uses itself, such as shop")
    return name


def image_source(image: str) -> str:
    """Check the source of an image. Raises ValueError."""
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
# A pattern of a listener rule has at most 128 characters; wildcards are not allowed here:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions
PathPrefix = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]{1,28}){1,4}$")]


class RouteSettings(SettingsModel):
    """Requests that are forwarded to a service."""

    host: Domain | None = None
    """Host name of the requests. None: any."""

    path_prefix: PathPrefix | None = None
    """Prefix of the requests' path, such as `/shop`. None: any path. The service gets the complete path."""

    def problems(self) -> Iterator[str]:
        """Find a route that matches all requests."""
        if self.host is None and self.path_prefix is None:
            yield "pathPrefix: must be set if host is not: requests without a route go to the bundled service"


class WorkerSettings(SettingsModel):
    """Pods of the same image that run jobs and serve no requests."""

    command: Command
    """Program with its arguments, instead of the image's."""

    replicas: Annotated[int, Field(ge=1, le=1000)] = 2
    """Number of worker pods."""


class ServiceDatabaseSettings(SettingsModel):
    """The service's own role and schema in the database of the stack."""

    max_connections: Annotated[int, Field(ge=1, le=1000)] = 10
    """Maximum number of connections of a pod, passed as `DB_MAX_CONNECTIONS`. PostgreSQL limits the role of the
    service to the total of all its pods."""


class MigrationSettings(SettingsModel):
    """A Job that runs once for each new image, before its pods start."""

    command: Command
    """Program with its arguments, instead of the image's. Only its PostgreSQL role may change the schema."""


class NamedServiceSettings(PodSettings):
    """A service in addition to the bundled one."""

    image: ImageSource
    """Folder with a Dockerfile, relative to the repository, or an image by digest, `repository@sha256:...`.
    Without the host of a registry, it is on Docker Hub."""

    route: RouteSettings
    """Requests that the load balancer forwards to it."""

    command: Command | None = None
    """Program of the server with its arguments. None: that of the image."""

    port: Annotated[int, Field(ge=1024, le=65535)] = 8080
    """Port that the server listens on, passed as `PORT`."""

    readiness_path: HttpPath = "/"
    """HTTP path of the readiness check, which must return 200 while the server accepts requests."""

    liveness_path: HttpPath = "/"
    """HTTP path of the liveness check, which must return 200 to 399; otherwise the server is restarted."""

    queue: bool = False
    """Create an SQS queue with a dead-letter queue, passed as `QUEUE_URL` and `DEAD_LETTER_QUEUE_URL`."""

    worker: WorkerSettings | None = None
    """Pods of the same image that run jobs."""

    database: ServiceDatabaseSettings | None = None
    """The service's own role and schema in the database of the stack, passed as `DB_HOST` and other `DB_` variables;
    `{}` for the defaults."""

    migration: MigrationSettings | None = None
    """A Job of the same image that changes the schema before a release. Requires `database`."""

    environment: Mapping[SettingName, VariableValue] = Field(default_factory=dict)
    """Environment variables. Not for secrets, nor for those that Drydock sets. The port of each value that is a URL is
    opened for the pods."""

    secrets: Mapping[SettingName, SecretName] = Field(default_factory=dict)
    """Secrets in Secrets Manager that pods mount as files in `SECRETS_DIR`: name of the secret by file. They must
    exist."""

    @property
    def folder(self) -> str | None:
        """The folder of the image; None if it is given by digest."""
        return None if IMAGE_BY_DIGEST.fullmatch(self.image) else self.image

    @property
    def dependency_ports(self) -> list[int]:
        """TCP ports of `egressPorts` and of all URLs in the environment, in order."""
        return sorted({*self.egress_ports, *(port for value in self.environment.values() if (port := port_of(value)))})

    @property
    def most_pods(self) -> int:
        """Maximum number of pods, including the worker's."""
        return self.max_replicas + (self.worker.replicas if self.worker else 0)

    @property
    def connections(self) -> int:
        """Maximum of database connections of its pods: in a rollout each Deployment has one more pod."""
        each = self.database.max_connections if self.database else 0
        return (self.most_pods + (2 if self.worker else 1)) * each

    def problems(self) -> Iterator[str]:
        """Find reserved names, and problems of the pods."""
        yield from every_service_problems("secrets", self.secrets)
        yield from every_service_problems("environment", self.environment)
        for name in sorted(set(self.secrets) & set(self.environment)):
            yield f"environment: must not have {name}, which is also in secrets"
        if self.migration and self.database is None:
            yield "migration: requires database, because it changes the schema; set `database: {}`, or remove migration"
        yield from super().problems()
