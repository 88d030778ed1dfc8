"""`drydock:service`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stacks.settings.model import SettingsModel, repeated
from stacks.settings.mounted import FILE, NAME, secret_name, setting_name, variable_value
from stacks.settings.pods import PodSettings
from stacks.settings.reserved import reserved_problems
from stacks.settings.urls import HttpUrl, port_of, working_urls
from stacks.settings.variables import misspelt_problems, variable_problems

PRINTABLE = r"^[!-~]{1,512}$"
SettingName = Annotated[str, AfterValidator(setting_name), Field(json_schema_extra={"pattern": FILE})]
VariableValue = Annotated[str, AfterValidator(variable_value), AfterValidator(working_urls)]
SecretName = Annotated[str, AfterValidator(secret_name), Field(json_schema_extra={"pattern": NAME})]

# Namespaces are named by https://www.rfc-editor.org/rfc/rfc1123#section-2.1
NamespaceName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
SERVICE_PORT = 8080


class AuthSettings(SettingsModel):
    """Bearer tokens for writes (RFC 7519)."""

    jwks_url: HttpUrl
    """URL of the issuer's JSON Web Key Set; with TLS, except in `local`."""

    issuer: Annotated[str, Field(pattern=PRINTABLE), AfterValidator(working_urls)]
    """Claim `iss` of accepted tokens."""

    audience: Annotated[str, Field(pattern=PRINTABLE)]
    """Claim `aud` of accepted tokens."""


class ServiceSettings(PodSettings):
    """The service: its Deployment and related objects."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Minimum level that is logged."""

    worker_replicas: Annotated[int, Field(ge=1, le=1000)] = 2
    """Number of worker pods, which run the jobs."""

    max_connections: Annotated[int, Field(ge=1, le=1000)] = 10
    """Maximum number of database connections of a pod."""

    drain_seconds: Annotated[int, Field(ge=0, le=300)] = 5
    """Seconds that a stopping pod continues to serve after preStopSeconds, while it is not ready."""

    rate_limit_per_second: Annotated[int, Field(ge=0, le=1_000_000)] = 100
    """Requests per second that a pod serves to one client address. 0: no limit."""

    upstream_url: HttpUrl | None = None
    """URL of the external HTTP service that the API reads and notifies. None: no such service."""

    otlp_endpoint: HttpUrl | None = None
    """Base URL of the OTLP/HTTP collector for traces. None: no traces are sent."""

    auth: AuthSettings | None = None
    """Require bearer tokens for writes: `jwksUrl`, `issuer` and `audience` of the identity provider. None: writes need
    no token, which the policy allows in `local` and `dev` only."""

    admin_port: Annotated[int, Field(ge=1024, le=65535)] | None = None
    """Separate port of `/sre`, `/metrics`, `/faults` and `/readyz`, which the load balancer does not reach. None:
    they are on the public port."""

    admin_namespaces: tuple[NamespaceName, ...] = ()
    """Kubernetes namespaces whose pods may reach `adminPort` and the workers' metrics, such as that of Prometheus."""

    environment: Mapping[SettingName, VariableValue] = Field(default_factory=dict)
    """Additional environment variables of the service. Not for secrets, nor for variables that Drydock sets. The port
    of each value that is a URL is opened for the pods."""

    secrets: Mapping[SettingName, SecretName] = Field(default_factory=dict)
    """Secrets in Secrets Manager that pods mount as files and the service reads as settings: name of the secret by
    name of the setting, such as `API_KEY: prod/api-key`. They must exist. Running pods get new values."""

    fault_injection: bool = False
    """Enable fault injection for drills, with a generated token. Not in the stacks `prod` and
    `production`."""

    @property
    def dependency_ports(self) -> list[int]:
        """TCP ports of `egressPorts` and of all URLs in these settings, in order."""
        jwks_url = self.auth.jwks_url if self.auth else None
        urls = (self.upstream_url, self.otlp_endpoint, jwks_url, *self.environment.values())
        return sorted({*self.egress_ports, *(port for url in urls if url and (port := port_of(url)))})

    def problems(self) -> Iterator[str]:
        """Find reserved names, conflicting ports, and problems of the pods."""
        yield from reserved_problems("secrets", self.secrets)
        yield from reserved_problems("environment", self.environment)
        yield from variable_problems("environment", self.environment)
        yield from misspelt_problems("environment", self.environment)
        yield from misspelt_problems("secrets", self.secrets)
        for name in sorted(set(self.secrets) & set(self.environment)):
            yield f"environment: must not have {name}, which is also in secrets"
        yield from repeated("adminNamespaces", "namespace", self.admin_namespaces)
        if self.admin_namespaces and self.admin_port is None:
            yield "adminNamespaces: must not be set without adminPort"
        if self.admin_port == SERVICE_PORT:
            yield f"adminPort: must be another port than {SERVICE_PORT}, which the load balancer reaches"
        yield from super().problems()
