"""Queries for tests, and changes of times in the database."""

from typing import Any
from uuid import UUID

from app.core.postgres.database import Database
from app.jobs.store import JobStore

ONE_ITEM = {"items": [{"name": "anchor", "description": ""}]}


async def submit(store: JobStore, kind: str = "import-items", payload: dict[str, Any] | None = None) -> UUID:
    """Create a job and return its id."""
    row = await store.create(kind, payload or ONE_ITEM, request_id="request-1", traceparent="00-a-b-01")
    id: UUID = row["id"]
    return id


async def fetch(database: Database, statement: str, **values: Any) -> list[dict[str, Any]]:
    """Run a statement and return its rows."""
    async with database.connection() as connection:
        cursor = await connection.execute(statement.encode(), values)
        return await cursor.fetchall() if cursor.description else []


async def count(database: Database, table: str) -> int:
    """Return how many rows a table has."""
    return int((await fetch(database, f"SELECT count(*) AS n FROM {table}"))[0]["n"])


async def state(store: JobStore, id: UUID) -> str:
    """Return the job's state."""
    row = await store.read(id)
    assert row is not None
    return str(row["state"])


async def expire_claims(database: Database) -> None:
    """Make all claims expire."""
    await fetch(database, "UPDATE jobs SET claimed_until = now() - interval '1 s' WHERE state = 'running'")


async def age(database: Database, seconds: int) -> None:
    """Set the last change of all jobs to so many seconds ago."""
    await fetch(database, "UPDATE jobs SET updated_at = now() - make_interval(secs => %(s)s)", s=seconds)
