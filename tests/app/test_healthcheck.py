"""The health check of the images."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from app.healthcheck import alive
from tests.support.ports import free_port


def answering(status: int) -> HTTPServer:
    """Return a server that answers `/health/live` with this status, and other paths with 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/live" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_is_healthy_only_with_status_200(status: int, healthy: bool) -> None:
    """Other statuses are unhealthy."""
    server = answering(status)

    assert alive(server.server_port) is healthy
    server.shutdown()


def test_is_unhealthy_if_nothing_listens() -> None:
    """The connection is refused."""
    assert alive(free_port()) is False


@pytest.mark.parametrize(("status", "code"), [(200, 0), (500, 1)])
def test_the_exit_code_is_the_result(status: int, code: int) -> None:
    """The command is that of the image, with PORT from the environment."""
    server = answering(status)
    env = {**os.environ, "PORT": str(server.server_port)}

    assert subprocess.run([sys.executable, "-m", "app.healthcheck"], env=env, check=False).returncode == code
    server.shutdown()
