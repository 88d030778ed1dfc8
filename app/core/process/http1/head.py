"""The checks of RFC 9112 on the head of a request, beyond the syntax, which llhttp checks."""

import re
from collections.abc import Sequence

from app.core.process.http1.refusal import RefusalError

MAX_TARGET_BYTES = 8_192  # RFC 9112, 3: at least 8,000
MAX_HEADER_BYTES = 32_768  # names and values of all fields
MAX_HEADERS = 100

Headers = Sequence[tuple[bytes, bytes]]

# RFC 3986, 3.2.2 and 3.2.3: a name, an IPv4 address, or an IPv6 or later address in brackets; then a port.
_HOST = re.compile(
    rb"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+(?::0*(?P<port>[0-9]{0,5}))?"
    rb"|\[(?:[0-9A-Fa-f:.]+|[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\](?::0*(?P<port6>[0-9]{0,5}))?"
)
_MAX_PORT = 65_535
# User information is refused, as in any Host (RFC 9110, 4.2.4).
_URL = re.compile(rb"https?://(?P<authority>[^/?]+)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)


def check_head(version: str, method: bytes, headers: Headers) -> None:
    """Check the version, the framing and the Host. Raises RefusalError."""
    if not version.startswith("1."):
        # RFC 9110, 15.6.6. A later minor version is served as HTTP/1.1 (RFC 9110, 2.5).
        raise RefusalError(505, "this server supports HTTP/1.1 and HTTP/1.0")
    if method == b"CONNECT":
        raise RefusalError(501, "this server is not a proxy and does not implement CONNECT")
    hosts = 0
    codings: list[bytes] = []
    for name, value in headers:
        if name == b"host":
            hosts += 1
            if not is_host(value):
                raise RefusalError(400, "Host must be one host, with an optional port (RFC 9112, 3.2)")
        elif name == b"transfer-encoding":
            codings.append(value)
    if hosts > 1 or (hosts == 0 and version != "1.0"):
        raise RefusalError(400, f"the request must have one Host header, it has {hosts} (RFC 9112, 3.2)")
    if codings:
        _check_codings(version, b",".join(codings))


def _check_codings(version: str, codings: bytes) -> None:
    if version == "1.0":
        raise RefusalError(400, "HTTP/1.0 has no Transfer-Encoding (RFC 9112, 6.1)")
    names = [coding.strip().lower() for coding in codings.split(b",")]
    if names[-1] != b"chunked" or names.count(b"chunked") > 1:
        raise RefusalError(400, "chunked must be the last Transfer-Encoding, and appear once (RFC 9112, 6.3)")
    if len(names) > 1:
        raise RefusalError(501, "the only supported Transfer-Encoding is chunked (RFC 9112, 6.1)")


def is_host(value: bytes) -> bool:
    """Return whether the value is a host, not empty, with or without a port."""
    match = _HOST.fullmatch(value)
    return match is not None and int(match["port"] or match["port6"] or b"0") <= _MAX_PORT


def check_target(method: bytes, target: bytes) -> tuple[bytes, bytes | None]:
    """Return the target as path and query, and its authority if it has one. Raises RefusalError.

    The target is a path, a complete http or https URL, or `*` for OPTIONS (RFC 9112, 3.2).
    """
    if b"#" not in target:
        if target.startswith(b"/") or (target == b"*" and method == b"OPTIONS"):
            return target, None
        match = _URL.fullmatch(target)
        if match is not None and is_host(match["authority"]):
            rest: bytes = match["rest"]
            return (rest if rest.startswith(b"/") else b"/" + rest), match["authority"]
    raise RefusalError(400, "the request target must be a path, or a URL without a fragment (RFC 9112, 3.2)")
