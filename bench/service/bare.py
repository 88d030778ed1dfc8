"""The yardstick: the same three operations as FastAPI's documentation shows them, and nothing else.

No settings, no logs, no metrics, no traces, no limits. Made by `create_psycopg` or `create_asyncpg`, for any server;
DATABASE_URL says where, POOL how many connections.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from bench.service.workload import CREATE, LIST, READ


class ItemBody(BaseModel):
    """What a client says."""

    name: str
    description: str = ""


class Item(BaseModel):
    """What it gets."""

    id: int
    name: str
    description: str
    version: int
    created_at: datetime
    updated_at: datetime


class Page(BaseModel):
    """What it gets of a list."""

    items: list[Item]
    next_cursor: str | None


class Driver(Protocol):
    """A pool of connections."""

    async def open(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """Disconnect."""

    async def rows(self, statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        """Run one statement."""


class Psycopg:
    """psycopg with its pool."""

    def __init__(self, url: str, size: int) -> None:
        from psycopg.rows import dict_row  # noqa: PLC0415
        from psycopg_pool import AsyncConnectionPool  # noqa: PLC0415

        options = {"autocommit": True, "row_factory": dict_row}
        self._pool: Any = AsyncConnectionPool(url, kwargs=options, min_size=size, max_size=size, open=False)

    async def open(self) -> None:
        """Connect."""
        await self._pool.open(wait=True)

    async def close(self) -> None:
        """Disconnect."""
        await self._pool.close()

    async def rows(self, statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        """Run one statement."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(statement, values)
            result: list[dict[str, Any]] = await cursor.fetchall()
            return result


class Asyncpg:
    """asyncpg with its pool; its placeholders are numbers, in the order of the values."""

    def __init__(self, url: str, size: int) -> None:
        self._url, self._size = url, size
        self._numbered: dict[str, str] = {}

    async def open(self) -> None:
        """Connect."""
        import asyncpg  # type: ignore[import-untyped]  # noqa: PLC0415

        self._pool = await asyncpg.create_pool(self._url, min_size=self._size, max_size=self._size)

    async def close(self) -> None:
        """Disconnect."""
        await self._pool.close()

    async def rows(self, statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        """Run one statement."""
        if statement not in self._numbered:
            text = statement
            for number, name in enumerate(values, 1):
                text = text.replace(f"%({name})s", f"${number}")
            self._numbered[statement] = text
        async with self._pool.acquire() as connection:
            return [dict(row) for row in await connection.fetch(self._numbered[statement], *values.values())]


def create_psycopg() -> FastAPI:
    """Return the application on psycopg."""
    return _create(Psycopg)


def create_asyncpg() -> FastAPI:
    """Return the application on asyncpg."""
    return _create(Asyncpg)


def _create(kind: Callable[[str, int], Driver]) -> FastAPI:
    driver = kind(os.environ["DATABASE_URL"], int(os.environ.get("POOL", "10")))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await driver.open()
        yield
        await driver.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.get("/api/v1/items/{id}", response_model=Item)
    async def read_item(id: int) -> Any:
        rows = await driver.rows(READ, {"id": id})
        if not rows:
            raise HTTPException(404)
        return rows[0]

    @app.get("/api/v1/items", response_model=Page)
    async def list_items(limit: int = 50) -> Any:
        rows = await driver.rows(LIST, {"limit": limit + 1})
        more = len(rows) > limit
        return {"items": rows[:limit], "next_cursor": str(rows[limit - 1]["id"]) if more else None}

    @app.post("/api/v1/items", response_model=Item, status_code=201)
    async def create_item(body: ItemBody) -> Any:
        return (await driver.rows(CREATE, body.model_dump()))[0]

    return app
