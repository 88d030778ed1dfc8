"""URLs in the settings of the service, and the ports that they need open."""

import re
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, AnyHttpUrl, BeforeValidator, Field, TypeAdapter, ValidationError

from stacks.settings.hosts import url_problem

DEFAULT_PORTS = {"http": 80, "https": 443}
SCHEMES = ("http://", "https://")


def working_url(url: str) -> str:
    """Check a URL that begins with http:// or https://. Raises ValueError."""
    if problem := url_problem(url):
        raise ValueError(problem)
    return url


def working_urls(text: str) -> str:
    """Check the URLs in a text, which may be anything else. Raises ValueError."""
    for url in urls_in(text):
        working_url(url)
    return text


def urls_in(text: str) -> Iterator[str]:
    """Yield the URLs of a text that is one, or a list of them."""
    if text.lower().startswith(SCHEMES):
        yield from (part for part in re.split(r"[,;\s]+", text) if part.lower().startswith(SCHEMES))


def _host_is_valid(url: str) -> str:
    """Check the host as the service does: a last label of digits must belong to an IPv4 address."""
    try:
        _url.validate_python(url)
    except ValidationError:
        raise ValueError("a URL with a valid host") from None
    return url


def _has_no_user(url: object) -> object:
    """Refuse a URL with a user or password, with a clearer message than that of the pattern."""
    if isinstance(url, str) and "@" in urlsplit(url).netloc:
        raise ValueError("a URL without a user and a password, because every reader of the settings would see them")
    return url


_url: TypeAdapter[AnyHttpUrl] = TypeAdapter(AnyHttpUrl)
HttpUrl = Annotated[
    str,
    Field(pattern=r"^https?://[A-Za-z0-9.-]+(:[1-9][0-9]{0,4})?(/[!-~]*)?$"),
    BeforeValidator(_has_no_user),
    AfterValidator(working_url),
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
