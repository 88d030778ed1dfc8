"""The probes."""

import httpx

from app import __version__
from app.lifecycle import Lifecycle
from app.migrations.head import head
from app.settings import Settings
from tests.support.client import client_of


async def test_all_probes_pass_when_everything_is_there(client: httpx.AsyncClient) -> None:
    """The details name the schema's revision."""
    answers = {path: await client.get(f"/health{path}") for path in ("", "/live", "/ready", "/startup")}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    details = answers[""].json()
    assert (details["status"], details["version"], details["environment"]) == ("healthy", __version__, "test")
    assert details["checks"]["migrations"] == {"ok": True, "detail": f"at {head()}, needs {head()}"}


async def test_a_drain_fails_readiness_and_nothing_else(client: httpx.AsyncClient, lifecycle: Lifecycle) -> None:
    """Liveness and startup would have the pod killed while it finishes its work."""
    await client.get("/health/startup")
    lifecycle.start_draining()

    assert (await client.get("/health/ready")).status_code == 503
    assert (await client.get("/health/live")).status_code == 200
    assert (await client.get("/health/startup")).status_code == 200


async def test_without_migrations_it_lives_but_is_not_ready(empty_database_url: str) -> None:
    """Requests are asked to come again, not answered with a 500."""
    async with client_of(Settings(database_url=empty_database_url)) as client:
        ready = await client.get("/health/ready")
        startup = await client.get("/health/startup")
        live = await client.get("/health/live")
        items = await client.get("/api/v1/items")

    assert (ready.status_code, startup.status_code, live.status_code) == (503, 503, 200)
    assert ready.json()["checks"]["migrations"]["detail"] == f"at none, needs {head()}"
    assert (items.status_code, items.headers["Retry-After"]) == (503, "1")
