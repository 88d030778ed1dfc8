"""ADMIN_PORT: what operators use is served there, and nowhere else.

One process and one server with two listeners, so that the drain, the pool and the figures are those of both.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from app.middleware.exempt import under
from app.problems import problem

ADMIN = ("/sre", "/metrics", "/faults", "/readyz")
_ON_BOTH = ("/health", "/static")  # probes may use either, and the dashboard needs its style


class PortSplit:
    """Answers 404 on the public port for the admin paths, and on the admin port for all others."""

    def __init__(self, app: ASGIApp, admin_port: int) -> None:
        self._app = app
        self._admin_port = admin_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request if it came to the right port."""
        if scope["type"] == "http":
            # The address of the socket that accepted the connection: no header can change it.
            server = scope.get("server")
            on_admin_port = server is not None and server[1] == self._admin_port
            path = scope["path"]
            if not under(path, _ON_BOTH) and under(path, ADMIN) != on_admin_port:
                await problem(404, "there is nothing at this path on this port")(scope, receive, send)
                return
        await self._app(scope, receive, send)
