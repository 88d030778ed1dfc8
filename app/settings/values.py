"""Types of single settings."""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, AnyHttpUrl, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode


class LogLevel(StrEnum):
    """Log levels."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class SslMode(StrEnum):
    """TLS modes of libpq; the last two also verify the server's certificate."""

    DISABLE = "disable"
    ALLOW = "allow"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


class DatabaseAuth(StrEnum):
    """How the service signs in to PostgreSQL."""

    PASSWORD = "password"  # noqa: S105 (a name)
    IAM = "iam"


_LOGIN = ("username", "password")


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _networks(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"{error}; must be CIDR blocks separated by commas, such as 10.0.0.0/20") from None


def _owner_secret(value: SecretStr) -> SecretStr:
    try:
        login = orjson.loads(value.get_secret_value())
    except orjson.JSONDecodeError:
        login = None
    if not isinstance(login, dict) or not all(login.get(key) and isinstance(login[key], str) for key in _LOGIN):
        raise ValueError('must be a JSON object with two strings, {"username": ..., "password": ...}')
    return value


AnyCaseLogLevel = Annotated[LogLevel, BeforeValidator(_lower)]
OwnerSecret = Annotated[SecretStr, AfterValidator(_owner_secret)]
"""A login as RDS keeps it in Secrets Manager: a JSON object with `username` and `password`."""
Port = Annotated[int, Field(ge=0, le=65535)]
Url = AnyHttpUrl
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]
"""CIDR blocks separated by commas."""
