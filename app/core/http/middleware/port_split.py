"""ADMIN_PORT: the paths of operators are served on that port, and on no other.

One process and one server have both listeners, so the drain, the pool and the metrics cover both ports.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.http.paths import ADMIN, ON_BOTH_PORTS, under
from app.core.http.problems import problem


class PortSplit:
    """Returns 404 on the public port for admin paths, and on the admin port for all others."""

    def __init__(self, app: ASGIApp, admin_port: int) -> None:
        self._app = app
        self._admin_port = admin_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request if its path belongs to its port."""
        if scope["type"] == "http":
            # The address of the socket that accepted the connection: no header can change it.
            server = scope.get("server")
            on_admin_port = server is not None and server[1] == self._admin_port
            path = scope["path"]
            if not under(path, ON_BOTH_PORTS) and under(path, ADMIN) != on_admin_port:
                await problem(404, "not found on this port")(scope, receive, send)
                return
        await self._app(scope, receive, send)
