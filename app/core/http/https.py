"""Whether a client sent its request over HTTPS."""

from collections.abc import Sequence

from starlette.types import Scope

from app.core.http.client_address import Network, host_of, is_in, peer_of

_FORWARDED_PROTO = b"x-forwarded-proto"


def over_https(scope: Scope, trusted: Sequence[Network]) -> bool:
    """Return whether the connection is TLS, or a proxy in `trusted` reports that the client's connection was.

    X-Forwarded-Proto of any other peer is ignored. A trusted proxy replaces it, so several values are not its own.
    """
    if scope.get("scheme") == "https":
        return True
    values = [value for name, value in scope["headers"] if name == _FORWARDED_PROTO]
    return len(values) == 1 and values[0].lower() == b"https" and is_in(host_of(peer_of(scope)), trusted)
