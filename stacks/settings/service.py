"""`drydock:service`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stacks.settings.model import SettingsModel, repeated
from stacks.settings.mounted import FILE, NAME, secret_name, setting_name, variable_value
from stacks.settings.reserved import reserved_problems
from stacks.settings.urls import HttpUrl, port_of

# Two health checks, five seconds apart: a pod is ready once it has passed them.
TARGET_SECONDS = 10

Cpu = Annotated[str, Field(pattern=r"^([1-9][0-9]{0,5}m|[1-9][0-9]{0,2})$")]
PRINTABLE = r"^[!-~]{1,512}$"
SettingName = Annotated[str, AfterValidator(setting_name), Field(json_schema_extra={"pattern": FILE})]
VariableValue = Annotated[str, AfterValidator(variable_value)]
SecretName = Annotated[str, AfterValidator(secret_name), Field(json_schema_extra={"pattern": NAME})]
Memory = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,6}(Mi|Gi)$")]


def millicores(cpu: str) -> int:
    """Give an amount of CPU such as `250m` or `2` in thousandths of a core."""
    return int(cpu[:-1]) if cpu.endswith("m") else int(cpu) * 1000


def mebibytes(memory: str) -> int:
    """Give an amount of memory such as `512Mi` or `2Gi` in MiB."""
    return int(memory[:-2]) * {"Mi": 1, "Gi": 1024}[memory[-2:]]


# Namespaces are named by https://www.rfc-editor.org/rfc/rfc1123#section-2.1
NamespaceName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
SERVICE_PORT = 8080


class AuthSettings(SettingsModel):
    """Bearer tokens that writes need (RFC 7519)."""

    jwks_url: HttpUrl
    """URL of the issuer's JSON Web Key Set."""

    issuer: Annotated[str, Field(pattern=PRINTABLE)]
    """Claim `iss` of accepted tokens."""

    audience: Annotated[str, Field(pattern=PRINTABLE)]
    """Claim `aud` of accepted tokens."""


class ServiceSettings(SettingsModel):
    """The service: its Deployment and what belongs to it."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe level that is logged."""

    min_replicas: Annotated[int, Field(ge=1, le=1000)] = 3
    """Pods of the API there are at least."""

    max_replicas: Annotated[int, Field(ge=1, le=1000)] = 10
    """Pods of the API there are at most."""

    worker_replicas: Annotated[int, Field(ge=1, le=1000)] = 2
    """Pods of the worker, which does the jobs."""

    min_available: Annotated[int, Field(ge=1, le=999)] = 2
    """Pods that evictions leave ready: fewer than minReplicas, or no node could ever be replaced."""

    target_cpu_percent: Annotated[int, Field(ge=10, le=95)] = 60
    """Average CPU, in percent of cpuRequest, that the autoscaler aims at."""

    max_connections: Annotated[int, Field(ge=1, le=1000)] = 10
    """Database connections a pod may hold."""

    cpu_request: Cpu = "250m"
    """CPU a pod is sure of, in cores or thousandths of one (`m`)."""

    memory_request: Memory = "256Mi"
    """Memory a pod is sure of."""

    memory_limit: Memory = "512Mi"
    """Memory above which a pod is killed."""

    pre_stop_seconds: Annotated[int, Field(ge=0, le=300)] = 15
    """Seconds a stopping pod serves on as before, until load balancers know."""

    drain_seconds: Annotated[int, Field(ge=0, le=300)] = 5
    """Seconds it then goes on serving, not ready."""

    shutdown_seconds: Annotated[int, Field(ge=1, le=300)] = 20
    """Seconds that requests in flight then may take."""

    min_ready_seconds: Annotated[int, Field(ge=0, le=300)] = 10
    """Seconds a new pod has to be ready before the next one is replaced."""

    progress_deadline_seconds: Annotated[int, Field(ge=30, le=3600)] = 600
    """Seconds without progress after which a release has failed."""

    rate_limit_per_second: Annotated[int, Field(ge=0, le=1_000_000)] = 100
    """Requests per second that a pod answers to one client's address. 0: no limit."""

    upstream_url: HttpUrl | None = None
    """The HTTP service that the API asks and notifies; without one it has none."""

    otlp_endpoint: HttpUrl | None = None
    """Base URL of the OTLP/HTTP collector that takes traces; without one there are no traces."""

    auth: AuthSettings | None = None
    """Require bearer tokens for writes: `jwksUrl`, `issuer` and `audience` of the identity provider. None: writes need
    no token, which the policy allows in `local` and `dev` only."""

    admin_port: Annotated[int, Field(ge=1024, le=65535)] | None = None
    """Port that serves `/sre`, `/metrics`, `/faults` and `/readyz`, which the load balancer then does not reach. None:
    they are on the public port."""

    admin_namespaces: tuple[NamespaceName, ...] = ()
    """Kubernetes namespaces whose pods reach `adminPort`, such as that of Prometheus."""

    environment: Mapping[SettingName, VariableValue] = Field(default_factory=dict)
    """Further environment variables of the service. Not for secrets, nor for variables that Drydock sets. The port of
    each value that is a URL is opened for the pods."""

    secrets: Mapping[SettingName, SecretName] = Field(default_factory=dict)
    """Secrets of Secrets Manager that pods mount as files and the service reads as settings: the secret's name by the
    name of the setting, such as `API_KEY: prod/api-key`. They must exist. A new value reaches running pods."""

    fault_injection: bool = False
    """Let the holder of a generated token inject faults, for drills. The service refuses it in `prod`."""

    @property
    def dependency_ports(self) -> list[int]:
        """TCP ports of everything that these settings name by a URL, in order."""
        jwks_url = self.auth.jwks_url if self.auth else None
        urls = (self.upstream_url, self.otlp_endpoint, jwks_url, *self.environment.values())
        return sorted({port for url in urls if url and (port := port_of(url))})

    def problems(self) -> Iterator[str]:
        """Find ranges that are none, and settings under which no node could be drained or no release succeed."""
        yield from reserved_problems("secrets", self.secrets)
        yield from reserved_problems("environment", self.environment)
        for name in sorted(set(self.secrets) & set(self.environment)):
            yield f"environment: must not have {name}, which secrets has too"
        yield from repeated("adminNamespaces", "namespace", self.admin_namespaces)
        if self.admin_namespaces and self.admin_port is None:
            yield "adminNamespaces: must be left out without adminPort"
        if self.admin_port == SERVICE_PORT:
            yield f"adminPort: must be another port than {SERVICE_PORT}, which the load balancer reaches"
        if self.max_replicas < self.min_replicas:
            yield f"maxReplicas: must be minReplicas ({self.min_replicas}) or more, got {self.max_replicas}"
        if self.min_replicas > 1 and self.min_available >= self.min_replicas:
            yield (
                f"minAvailable: must be less than minReplicas ({self.min_replicas}), got {self.min_available}; "
                "or no node could ever be drained"
            )
        if mebibytes(self.memory_limit) < mebibytes(self.memory_request):
            yield f"memoryLimit: must be memoryRequest ({self.memory_request}) or more, got {self.memory_limit}"
        if self.progress_deadline_seconds <= self.min_ready_seconds + TARGET_SECONDS:
            yield (
                f"progressDeadlineSeconds: must be more than minReadySeconds ({self.min_ready_seconds}) and the "
                f"{TARGET_SECONDS} seconds until the load balancer finds a new pod healthy, "
                f"got {self.progress_deadline_seconds}"
            )
