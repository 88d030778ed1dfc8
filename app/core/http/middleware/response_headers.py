"""Headers of every response."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.client_address import Network
from app.core.http.https import over_https
from app.core.lifecycle import Lifecycle

SECURITY_HEADERS = {
    # Nothing from other hosts and nothing inline: only the files of a page, and calls of this API.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-XSS-Protection": "1; mode=block",  # for browsers without a content security policy
}
STRICT_TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"  # s
"""For responses over HTTPS only: RFC 6797, 7.2, forbids it in others."""
STATIC = "/static/"

_SECURITY = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_HTTPS_ONLY = (b"strict-transport-security", STRICT_TRANSPORT_SECURITY.encode())
# Responses are live data: a cache would break read-your-writes.
_DYNAMIC = [*_SECURITY, (b"cache-control", b"no-store")]
_FILE = [*_SECURITY, (b"cache-control", b"public, max-age=3600")]  # s


class ResponseHeaders:
    """Adds the security headers, and `Connection: close` while draining so that clients move to another pod.

    Strict-Transport-Security is added only if the request came over HTTPS, as the `trusted_proxies` report.
    """

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle, trusted_proxies: Sequence[Network] = ()) -> None:
        self._app = app
        self._lifecycle = lifecycle
        self._trusted = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request and add the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                set_already = message.get("headers", ())
                always = _DYNAMIC
                if message["status"] < 400 and scope["path"].startswith(STATIC):
                    # A file may have set a longer time itself.
                    always = _SECURITY if any(name == b"cache-control" for name, _ in set_already) else _FILE
                headers = [*set_already, *always]
                if over_https(scope, self._trusted):
                    headers.append(_HTTPS_ONLY)
                if self._lifecycle.draining:
                    headers.append((b"connection", b"close"))
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, send_with_headers)
