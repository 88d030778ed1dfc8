"""The measured applications do the same work, as required for a comparison."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.api import create_app
from app.core.postgres.database import Database
from app.core.resilience.breaker import Breakers
from app.items.routes import ITEMS
from app.migrations.migrate import migrate
from app.resources.listing import Listing, list_statement
from app.resources.table import Table
from app.settings import Settings
from bench.service import bare
from bench.service.limit import pgbench
from bench.service.load import VEGETA
from bench.service.workload import BODY, CREATE, LIST, OPERATIONS, PAGE, READ, SEED
from infra.toolchain.pins import GO_LOCK
from infra.toolchain.versions import parse
from tests.support.postgres import running


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real, migrated database with the measured rows."""
    with running(tmp_path_factory.mktemp("postgres")) as server:
        migrate(Settings(database_url=server.url()))
        server.execute(SEED)
        yield f"{server.url()}?sslmode=disable"


@pytest.fixture(params=["service", "psycopg", "asyncpg"])
async def client(
    request: pytest.FixtureRequest, url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of each application."""
    monkeypatch.setenv("DATABASE_URL", url)
    app: FastAPI = {
        "service": lambda: create_app(Settings(database_url=url)),
        "psycopg": bare.create_psycopg,
        "asyncpg": bare.create_asyncpg,
    }[request.param]()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


def test_the_statements_are_those_of_the_service(url: str) -> None:
    """They are equal except for the quotes around names."""
    settings = Settings(database_url=url)
    table = Table(Database(settings, Breakers(settings).new("database")), ITEMS)
    listed = list_statement("items", table._all, Listing(limit=PAGE + 1).shape)

    assert [plain(table._select), plain(table._insert), plain(listed)] == [READ, CREATE, LIST]


def plain(statement: object) -> str:
    text = statement.decode() if isinstance(statement, bytes) else statement.as_bytes(None).decode()  # type: ignore[attr-defined]
    return str(text.replace('"', ""))


async def test_applications_return_the_same_answers(client: httpx.AsyncClient) -> None:
    """For an item, fifty items and a new item: the same fields and values."""
    one = await client.get("/api/v1/items/7")
    page = await client.get(f"/api/v1/items?limit={PAGE}")
    made = await client.post("/api/v1/items", json=BODY)

    assert list(one.json()) == ["id", "name", "description", "version", "created_at", "updated_at"]
    assert one.json()["name"] == "item 7"
    assert [item["id"] for item in page.json()["items"]] == list(range(1, PAGE + 1))
    assert page.json()["next_cursor"]
    assert (made.status_code, made.json()["name"]) == (201, BODY["name"])


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_pgbench_measures_the_statement(operation: object, url: str, tmp_path: Path) -> None:
    """The percentiles are computed from its log."""
    load = pgbench(operation.script, url=url, seconds=1, clients=2, folder=tmp_path)  # type: ignore[attr-defined]

    assert load.requests > 0
    assert 0 < load.p50 <= load.p95 <= load.p99


def test_the_load_generator_is_pinned_and_can_be_built_with_the_pinned_go() -> None:
    """A machine without Go uses the Go wheel of the other tools."""
    needed = parse(next(line for line in (VEGETA.folder / "go.mod").read_text().splitlines() if line.startswith("go ")))
    wheel = parse(GO_LOCK.read_text())

    assert needed is not None
    assert wheel is not None
    assert wheel >= needed
    assert (VEGETA.folder / "go.sum").exists()
    assert VEGETA.version[0] == 12
