"""The health endpoints."""

from typing import cast

import httpx
from fastapi import FastAPI

from app import __version__
from app.core.health.readiness import Check, Readiness
from app.core.lifecycle import Lifecycle
from app.core.postgres.database import Database
from app.core.resilience.breaker import Breakers
from app.health.routes import health_router
from app.migrations.head import head
from app.settings import Settings
from tests.app.features import present
from tests.support.asgi import get
from tests.support.client import client_of


async def test_all_probes_pass_for_a_healthy_service(client: httpx.AsyncClient) -> None:
    """`/health` shows the revision of the schema."""
    answers = {path: await client.get(f"/health{path}") for path in ("", "/live", "/ready", "/serving", "/startup")}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    details = answers[""].json()
    assert (details["status"], details["version"], details["environment"]) == ("healthy", __version__, "test")
    assert details["checks"]["migrations"] == {"ok": True, "detail": f"at {head()}, needs {head()}", "required": True}
    if present("jobs"):
        assert details["checks"]["queue"] == {"ok": True, "detail": "not configured", "required": False}
    assert details["uptime_seconds"] >= 0


async def test_a_drain_fails_readiness_but_not_liveness_or_startup(
    client: httpx.AsyncClient, lifecycle: Lifecycle
) -> None:
    """If those failed, the kubelet would kill the pod while it finishes its requests."""
    await client.get("/health/startup")
    lifecycle.start_draining()

    assert (await client.get("/health/ready")).status_code == 503
    assert (await client.get("/health/serving")).status_code == 503
    assert (await client.get("/health/live")).status_code == 200
    assert (await client.get("/health/startup")).status_code == 200


async def test_without_migrations_it_is_live_but_not_ready(empty_database_url: str) -> None:
    """Requests get 503 with Retry-After, not 500."""
    async with client_of(Settings(database_url=empty_database_url)) as client:
        ready = await client.get("/health/ready")
        startup = await client.get("/health/startup")
        live = await client.get("/health/live")
        items = await client.get("/api/v1/items")

    assert (ready.status_code, startup.status_code, live.status_code) == (503, 503, 200)
    assert ready.json()["checks"]["migrations"]["detail"] == f"at none, needs {head()}"
    assert (items.status_code, items.headers["Retry-After"]) == (503, "1")


async def details(readiness: Readiness, breakers: Breakers | None = None) -> httpx.Response:
    app = FastAPI()
    app.include_router(health_router(readiness, Lifecycle(), "test", breakers))
    return await get(app, "/health")


class FakeDatabase:
    """A database at the newest revision."""

    answered_at = 0.0

    async def migration(self, _timeout: float) -> str:
        return "0002"


def with_queue(readiness: Readiness) -> Readiness:
    """Return the readiness with a queue that is unreachable and not required."""

    async def queue(_database: Check) -> Check:
        return Check(ok=False, detail="unreachable", required=False)

    readiness.add({}, {"queue": queue})
    return readiness


async def test_a_failed_optional_check_degrades_the_service() -> None:
    """The answer is 200 with the status `degraded` and the state of every circuit breaker."""
    breakers = Breakers(Settings(database_url="postgresql://db/app", breaker_failure_threshold=1))
    breakers.new("upstream").failed()
    database = cast(Database, FakeDatabase())

    degraded = await details(with_queue(Readiness(database, Lifecycle(), "0002")), breakers)
    whole = await details(Readiness(database, Lifecycle(), "0002"))

    assert (degraded.status_code, degraded.json()["status"]) == (200, "degraded")
    assert [(each["name"], each["state"]) for each in degraded.json()["breakers"]] == [("upstream", "open")]
    assert (whole.json()["status"], whole.json()["breakers"]) == ("healthy", [])
