"""Hosts in settings: names, and addresses in URLs."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from pydantic import AnyHttpUrl, TypeAdapter, ValidationError

# https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
MAX_LABEL, MAX_NAME = 63, 253
# https://www.rfc-editor.org/rfc/rfc6761#section-6.3
LOCALHOST = "localhost"
_AUTHORITY = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_url: TypeAdapter[AnyHttpUrl] = TypeAdapter(AnyHttpUrl)


def url_problem(url: str) -> str | None:
    """Return what a URL that begins with http:// or https:// must be instead, or None if it can work.

    Placeholders and wildcards in a host are accepted, because a program may replace them.
    """
    found = _AUTHORITY.match(url)
    authority = found[1].rpartition("@")[2] if found else ""
    if authority.count("[") != authority.count("]"):
        return "a URL with both brackets around its IPv6 address"
    host, port = _split(authority)
    if re.fullmatch("[0-9]+", port) and not 1 <= int(port) <= 65535:
        return "a URL whose port is 1 to 65535"
    if not host:
        return "a URL with a host"
    labels = host.removesuffix(".").split(".")
    if len(host) > MAX_NAME or not all(_is_label(label) for label in labels):
        return (
            f"a URL whose host has labels of 1 to {MAX_LABEL} characters between dots, none with a hyphen at its "
            f"beginning or end, and {MAX_NAME} characters at most"
        )
    address = _address(url)
    if address is not None and address.is_link_local:
        return "a URL of a host that pods can reach: a link-local address is valid on its own node only"
    return None


def is_loopback(url: str) -> bool:
    """Return whether the host of a URL is the machine or the pod that opens it."""
    address = _address(url)
    if address is not None:
        return address.is_loopback or address.is_unspecified
    host = _host(url).lower().removesuffix(".")
    return host == LOCALHOST or host.endswith(f".{LOCALHOST}")


def _split(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, _, rest = authority.partition("]")
        return f"{host}]", rest.removeprefix(":")
    host, _, port = authority.partition(":")
    return host, port


def _is_label(label: str) -> bool:
    if label.startswith("[") and label.endswith("]"):
        return True
    return 1 <= len(label) <= MAX_LABEL and not label.startswith("-") and not label.endswith("-")


def _host(url: str) -> str:
    """Return the host as the service reads it, which converts addresses such as 127.1."""
    try:
        return (_url.validate_python(url).host or "").strip("[]")
    except ValidationError:
        found = _AUTHORITY.match(url)
        return _split(found[1].rpartition("@")[2])[0].strip("[]") if found else ""


def _address(url: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(_host(url))
    except ValueError:
        return None
