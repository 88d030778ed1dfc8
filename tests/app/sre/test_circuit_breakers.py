"""`/sre/circuit-breakers`: breakers of this and other processes, also while the database is unavailable."""

import asyncio
import json
from typing import Any

import httpx
import psycopg
import pytest
from pydantic import SecretStr

from app.core.resilience.breaker import Breaker
from app.settings import Settings
from app.sre.circuit_breakers import CircuitBreakers
from tests.support.client import client_of, until_ready
from tests.support.gate import gate_to
from tests.support.postgres import PostgresServer


@pytest.fixture
def worker(postgres: PostgresServer, database_url: str) -> str:
    """The name of a worker that reported an open breaker."""
    breaker = Breaker("queue", failure_threshold=1)
    breaker.failed()
    report = json.dumps({"breakers": [breaker.describe()]})
    postgres.execute(
        "INSERT INTO instances (instance, role, report, seen_at) "
        f"VALUES ('w', 'worker', '{report}', now()), ('gone', 'worker', '{report}', now() - interval '61 s')",
        "app",
    )
    return "w"


async def look(client: httpx.AsyncClient) -> dict[str, Any]:
    """Return the answer after a check of its schema."""
    response = await client.get("/sre/circuit-breakers")
    assert response.status_code == 200, response.text
    CircuitBreakers.model_validate_json(response.content)
    answer: dict[str, Any] = response.json()
    return answer


def states(breakers: list[dict[str, Any]]) -> dict[str, str]:
    return {breaker["name"]: breaker["state"] for breaker in breakers}


async def test_every_process_that_reported_recently_is_listed(client: httpx.AsyncClient, worker: str) -> None:
    """With its breakers, besides those of this process."""
    await until_ready(client)
    answer = await look(client)

    assert (answer["degraded"], states(answer["circuit_breakers"])) == (False, {"database": "closed"})
    [other] = answer["instances"]
    assert (other["instance"], other["role"], states(other["breakers"])) == (worker, "worker", {"queue": "open"})


async def test_without_a_database_only_this_process_is_listed(cut_off: httpx.AsyncClient) -> None:
    """The answer is marked as degraded."""
    answer = await look(cut_off)

    assert (answer["degraded"], answer["instances"]) == (True, [])
    assert states(answer["circuit_breakers"]) == {"database": "closed"}


async def test_the_last_known_state_is_returned_during_an_outage(
    settings: Settings, postgres: PostgresServer, database_url: str, worker: str
) -> None:
    """It is marked as degraded, also once the breaker of the database is open."""
    with gate_to(postgres.port) as gate:
        url = SecretStr(database_url.replace(str(postgres.port), str(gate.port)))
        changes = {"database_url": url, "breaker_failure_threshold": 1, "breaker_recovery_seconds": 600.0}
        async with client_of(settings.model_copy(update=changes)) as client:
            await until_ready(client)
            known = await look(client)
            gate.shut()
            answers = [await look(client) for _ in range(2)]

    assert [instance["instance"] for instance in known["instances"]] == [worker]
    for answer in answers:
        assert (answer["degraded"], answer["instances"]) == (True, known["instances"])
        assert states(answer["circuit_breakers"]) == {"database": "open"}


async def test_a_database_without_migrations_counts_as_unavailable(settings: Settings, empty_database_url: str) -> None:
    """As at the first start, before the migration."""
    changes = {"database_url": SecretStr(empty_database_url)}
    async with client_of(settings.model_copy(update=changes)) as client:
        answer = await look(client)

    assert (answer["degraded"], answer["instances"]) == (True, [])


async def test_answers_soon_if_the_database_does_not_respond(client: httpx.AsyncClient, database_url: str) -> None:
    """The page is needed during outages, and has no deadline."""
    with psycopg.connect(database_url) as holder:
        holder.execute("LOCK TABLE instances IN ACCESS EXCLUSIVE MODE")
        async with asyncio.timeout(4):
            answer = await look(client)

    assert answer["degraded"] is True
