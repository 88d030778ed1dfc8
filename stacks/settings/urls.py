"""URLs in the settings of the service, and the ports that they need open."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, AnyHttpUrl, Field, TypeAdapter, ValidationError

DEFAULT_PORTS = {"http": 80, "https": 443}


def _port_in_range(url: str) -> str:
    try:
        urlsplit(url).port  # noqa: B018 (raises for what is no port)
    except ValueError:
        raise ValueError("a URL whose port is 1 to 65535") from None
    return url


def _host_is_valid(url: str) -> str:
    """Check the host as the service does: a last label of digits must belong to an IPv4 address."""
    try:
        _url.validate_python(url)
    except ValidationError:
        raise ValueError("a URL with a valid host") from None
    return url


_url: TypeAdapter[AnyHttpUrl] = TypeAdapter(AnyHttpUrl)
HttpUrl = Annotated[
    str,
    Field(pattern=r"^https?://[A-Za-z0-9.-]+(:[1-9][0-9]{0,4})?(/[!-~]*)?$"),
    AfterValidator(_port_in_range),
    AfterValidator(_host_is_valid),
]


def port_of(value: str) -> int | None:
    """Return the TCP port that a URL is served at; None for a text that is no URL, or one without a known port."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    if "://" not in value or not parts.hostname:
        return None
    return port or DEFAULT_PORTS.get(parts.scheme)
