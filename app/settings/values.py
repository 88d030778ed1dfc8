"""Types of single settings."""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any

from pydantic import AnyHttpUrl, BeforeValidator, Field
from pydantic_settings import NoDecode


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


def _networks(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"{error}; accepted are CIDR blocks, with commas, such as 10.0.0.0/20") from None


AnyCaseLogLevel = Annotated[LogLevel, BeforeValidator(_lower)]
Port = Annotated[int, Field(ge=0, le=65535)]
Url = AnyHttpUrl
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]
"""CIDR blocks, with commas."""
