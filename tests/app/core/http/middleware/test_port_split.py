"""ADMIN_PORT: which port serves which paths, in the application and in the real process."""

import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.core.http.middleware.port_split import PortSplit
from app.settings import Settings
from tests.app.features import needs
from tests.support import plain_http
from tests.support.client import client_of
from tests.support.service import Service, run, until

PUBLIC, ADMIN = "http://service:8080", "http://service:9000"


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(Settings(database_url=database_url, admin_port=9000)) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "public", "admin"),
    [
        ("/metrics", 404, 200),
        pytest.param("/sre/circuit-breakers", 404, 200, marks=needs("sre")),
        ("/api/v1/items", 200, 404),
        ("/openapi.json", 200, 404),
        ("/health/live", 200, 200),
        ("/metricsx", 404, 404),
        ("/sre/no-such", 404, 404),
        ("/faults/no-such", 404, 404),
    ],
)
async def test_each_port_serves_its_paths(client: httpx.AsyncClient, path: str, public: int, admin: int) -> None:
    """Other paths get 404 as a problem, with the usual headers."""
    answers = [await client.get(port + path) for port in (PUBLIC, ADMIN)]

    assert [answer.status_code for answer in answers] == [public, admin]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.status_code == 200 or answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/sre", "/sre/dashboard-ui", "/metrics", "/faults", "/faults/panic", "/readyz/disable"]
)
async def test_the_public_port_refuses_the_paths_of_operators(path: str) -> None:
    """Among them are the switches for drills, even if no route exists for the path."""
    reached: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["path"])
        await Response()(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(PortSplit(app, 9000))) as client:
        assert (await client.post(PUBLIC + path)).status_code == 404
        assert reached == []
        assert (await client.post(ADMIN + path)).status_code == 200
    assert reached == [path]


async def test_headers_do_not_choose_the_port(client: httpx.AsyncClient) -> None:
    """The socket that accepted the connection determines the port."""
    headers = {"Host": "service:9000", "X-Forwarded-Port": "9000", "X-Forwarded-Host": "service:9000"}

    assert (await client.get(f"{PUBLIC}/metrics", headers=headers)).status_code == 404


async def test_without_an_admin_port_one_port_serves_all_paths(database_url: str) -> None:
    """This is the default."""
    async with client_of(Settings(database_url=database_url)) as client:
        statuses = [(await client.get(path)).status_code for path in ("/metrics", "/api/v1/items", "/health/live")]

    assert statuses == [200, 200, 200]


async def test_the_lifespan_is_passed_on() -> None:
    """It has no port."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    await PortSplit(app, 9000)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]  # neither is used

    assert seen == ["lifespan"]


def test_the_process_listens_on_both_ports_and_drains_both(database_url: str) -> None:
    """A real process with two free ports; both answer during the drain, then it exits with 0."""
    service = Service(DATABASE_URL=database_url, ADMIN_PORT="0", DRAIN_SECONDS="2")
    try:
        service.await_status("/health/ready", 200)
        admin = f"http://127.0.0.1:{service.events('listening')[0]['admin_port']}"
        assert (service.status("/metrics"), plain_http.get(f"{admin}/metrics").status_code) == (404, 200)
        assert (service.status("/api/v1/items"), plain_http.get(f"{admin}/api/v1/items").status_code) == (200, 404)

        service.process.terminate()
        service.await_status("/health/ready", 503, 5)
        assert plain_http.get(f"{admin}/health/ready").status_code == 503
        assert plain_http.get(f"{admin}/metrics").status_code == 200
        assert service.process.wait(20) == 0
        until(lambda: service.events("stopped"))
    finally:
        service.stop()


def test_rejects_an_admin_port_in_use() -> None:
    """The process prints one message with the setting and exits with 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", DATABASE_URL="postgresql://a@127.0.0.1:1/b", PORT="0", ADMIN_PORT=str(port))

    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in done.stderr
    assert "set HOST and ADMIN_PORT" in done.stderr
    assert "Traceback" not in done.stderr
