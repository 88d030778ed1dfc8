"""Settings of the service, from environment variables and from files in SECRETS_DIR (file name = setting name).

A file wins over the variable of the same name: a mounted file follows a rotation, a variable cannot.
"""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

import pydantic_settings
from pydantic import AnyHttpUrl, BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict


class SettingsError(Exception):
    """The settings cannot be used; the message names each one, what was found and what is accepted."""


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class SslMode(StrEnum):
    """TLS towards PostgreSQL, in libpq's words; the last two also verify the server's certificate."""

    DISABLE = "disable"
    ALLOW = "allow"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


class Settings(BaseSettings):
    """Everything that can be set. DATABASE_URL, or DB_HOST, DB_NAME and DB_USER, must be given."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    database_url: SecretStr | None = None
    """`postgresql://user:password@host:port/name?sslmode=...`; alone enough, and then the DB_ ones are not read."""
    db_host: str | None = None
    """Host name or address of PostgreSQL."""
    db_port: int = Field(5432, ge=1, le=65535)
    """TCP port of PostgreSQL."""
    db_name: str | None = None
    """Database in that server."""
    db_user: str | None = None
    """Role to connect as."""
    db_password: SecretStr | None = None
    """Password of that role; left out where the server asks for none."""
    db_sslmode: SslMode | None = None
    """TLS mode; left out: `require`, or what DATABASE_URL says."""
    max_connections: int = Field(10, ge=1, le=1000)
    """Connections to PostgreSQL that this process may hold."""

    host: str = "127.0.0.1"
    """Address to listen on; in a pod its own address (`status.podIP`)."""
    port: int = Field(8080, ge=0, le=65535)
    """TCP port to listen on; 0 takes a free one and logs it."""
    api_base_url: AnyHttpUrl | None = None
    """Where clients reach the API, for links in answers; left out: links are paths."""
    environment: str = Field("local", pattern=r"^[a-z][a-z0-9-]{0,30}$")
    """Name of the environment, for logs and `/health`."""
    log_level: Annotated[LogLevel, BeforeValidator(_lower)] = LogLevel.INFO
    """Least severe level that is logged."""
    drain_seconds: float = Field(5, ge=0, le=300)
    """After SIGTERM: how long to go on serving, not ready, until no load balancer sends traffic any more."""
    shutdown_grace_seconds: int = Field(20, ge=1, le=300)
    """After the drain: how long requests in flight may take to finish."""
    secrets_dir: Path | None = None
    """Folder with settings as files, as Kubernetes mounts a Secret."""

    @field_validator("database_url")
    @classmethod
    def _is_postgres_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _parses_as_postgres_url(value.get_secret_value()):
            raise ValueError(
                "accepted is postgresql://user:password@host:port/name?sslmode=require, "
                "with special characters percent-encoded"
            )
        return value

    @model_validator(mode="after")
    def _names_a_database(self) -> Self:
        parts = {"DB_HOST": self.db_host, "DB_NAME": self.db_name, "DB_USER": self.db_user}
        missing = [name for name, value in parts.items() if value is None]
        if self.database_url is None and missing:
            raise ValueError(f"set DATABASE_URL, or {', '.join(missing)} as well")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (pydantic-settings calls by name)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Files before variables; no .env file, which would be read only where somebody happens to stand."""
        return init_settings, file_secret_settings, env_settings

    def with_current_files(self) -> "Settings":
        """Return these settings with what the files in SECRETS_DIR say now."""
        if self.secrets_dir is None:
            return self
        files = SecretsSettingsSource(type(self), secrets_dir=self.secrets_dir)()
        return Settings(**{**self.model_dump(exclude_unset=True), **files})


def _parses_as_postgres_url(url: str) -> bool:
    from psycopg import ProgrammingError  # noqa: PLC0415 (heavy, and without a URL not needed here)
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    if not url.startswith(("postgresql://", "postgres://")):
        return False
    try:
        conninfo_to_dict(url)
    except ProgrammingError:
        return False
    return True


def load_settings() -> Settings:
    """Read the settings of this process.

    Raises SettingsError with one message that holds every fault; secrets are not shown in it.
    """
    folder = os.environ.get("SECRETS_DIR") or None
    if folder is not None and not Path(folder).is_dir():
        raise SettingsError(f"settings refused:\n  SECRETS_DIR: got {folder!r}, accepted is a folder that exists")
    try:
        return Settings(_secrets_dir=folder)  # type: ignore[call-arg]  # pydantic-settings' own keyword
    except ValidationError as error:
        lines = "".join(f"\n  {_fault(detail)}" for detail in error.errors(include_url=False))
        raise SettingsError(
            f"settings refused:{lines}\nset them in the environment, or as files in SECRETS_DIR"
        ) from None
    except pydantic_settings.SettingsError as error:
        raise SettingsError(
            f"settings refused:\n  SECRETS_DIR: a file in {folder!r} cannot be read ({error.__cause__}); "
            "accepted are UTF-8 files that this user may read"
        ) from None


def _fault(detail: Any) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    if not detail["loc"]:
        return str(message)
    name = str(detail["loc"][0])
    secret = name in {"database_url", "db_password"}
    found = "a value (not shown)" if secret else repr(detail["input"])
    return f"{name.upper()}: got {found}, {message[:1].lower()}{message[1:]}"
