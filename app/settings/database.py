"""The connection to PostgreSQL."""

from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from app.settings.values import DatabaseAuth, OwnerSecret, SslMode


class DatabaseSettings(BaseSettings):
    """The database. DATABASE_URL, or DB_HOST, DB_NAME and DB_USER, are required."""

    database_url: SecretStr | None = None
    """`postgresql://user:password@host:port/name?sslmode=...`; the DB_ settings are then ignored."""
    db_host: str | None = None
    """Host name or address of PostgreSQL."""
    db_port: int = Field(5432, ge=1, le=65535)
    """TCP port of PostgreSQL."""
    db_name: str | None = None
    """Name of the database."""
    db_user: str | None = None
    """Role to connect as."""
    db_password: SecretStr | None = None
    """Password of that role; not needed if the server does not require one."""
    db_auth: DatabaseAuth = DatabaseAuth.PASSWORD
    """`iam`: sign in with a token of the AWS role of this process instead of a password."""
    db_owner_secret: OwnerSecret | None = None
    """Secret of the master user as RDS writes it, `{"username": ..., "password": ...}`. With it, `migrate` runs as that
    user and creates the role DB_USER; nothing else uses it."""
    db_sslmode: SslMode | None = None
    """TLS mode; default: that of DATABASE_URL, else `verify-full`. PGSSLROOTCERT is the file of authorities."""
    max_connections: int = Field(10, ge=1, le=1000)
    """Connections to PostgreSQL that this process may hold."""

    @field_validator("database_url")
    @classmethod
    def _is_postgres_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _parses_as_postgres_url(value.get_secret_value()):
            raise ValueError(
                "must be postgresql://user:password@host:port/name?sslmode=require, "
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
