"""Types of single settings."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AnyHttpUrl, BeforeValidator, Field


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


AnyCaseLogLevel = Annotated[LogLevel, BeforeValidator(_lower)]
Port = Annotated[int, Field(ge=0, le=65535)]
Url = AnyHttpUrl
