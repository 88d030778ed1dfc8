"""Create, read, list, update and delete rows of one table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

from app.core.http.problems import ConflictError
from app.core.postgres.database import Database
from app.resources.listing import Listing, list_statement, list_values


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """What differs between tables; all also have id, version, created_at and updated_at."""

    name: str
    columns: tuple[str, ...]
    """Columns that clients write."""
    unique: Mapping[str, str]
    """Name of a unique constraint or index -> its column."""


class Table:
    """Rows of one table as dicts; a missing row is None. Ids increase and are never reused.

    Each method is one statement on a connection of its own; all raise what `Database.connection` raises.
    """

    def __init__(self, database: Database, spec: TableSpec) -> None:
        self.database = database
        self.spec = spec
        self._all = ("id", *spec.columns, "version", "created_at", "updated_at")
        self._insert = self._render("INSERT INTO {table} ({columns}) VALUES ({values}) RETURNING {all}")
        self._select = self._render("SELECT {all} FROM {table} WHERE id = %(id)s")
        update = "UPDATE {table} SET {assignments}, version = version + 1, updated_at = now() WHERE id = %(id)s"
        delete = "DELETE FROM {table} WHERE id = %(id)s"
        unchanged = " AND version = ANY(%(versions)s)"
        self._update = self._render(update + " RETURNING {all}")
        self._update_unchanged = self._render(update + unchanged + " RETURNING {all}")
        self._delete = self._render(delete + " RETURNING id")
        self._delete_unchanged = self._render(delete + unchanged + " RETURNING id")

    async def create(self, values: Mapping[str, Any], connection: AsyncConnection[DictRow] | None = None) -> DictRow:
        """Insert a row and return it. Raises ConflictError if a unique column is taken.

        With `connection` the insert is part of its transaction; otherwise it has its own.
        """
        if connection is None:
            row = await self._one(self._insert, values)
        else:
            row = await self._on(connection, self._insert, values)
        assert row is not None  # noqa: S101 (INSERT ... RETURNING returns its row or raises)
        return row

    async def read(self, id: int) -> DictRow | None:
        """Return the row."""
        rows = await self.database.read(self._select, {"id": id})
        return rows[0] if rows else None

    async def page(self, listing: Listing) -> list[DictRow]:
        """Return the rows of the listing, in its order."""
        statement = list_statement(self.spec.name, self._all, listing.shape)
        return await self.database.read(statement, list_values(listing), binary=True)

    async def update(self, id: int, values: Mapping[str, Any], versions: Sequence[int] | None = None) -> DictRow | None:
        """Replace what clients write and return the row. Raises ConflictError if a unique column is taken.

        With `versions`, the row is written only if it has one of them.
        """
        if versions is None:
            return await self._one(self._update, {**values, "id": id})
        return await self._one(self._update_unchanged, {**values, "id": id, "versions": [*versions]})

    async def delete(self, id: int, versions: Sequence[int] | None = None) -> DictRow | None:
        """Delete the row and return its id; `versions` as for `update`."""
        if versions is None:
            return await self._one(self._delete, {"id": id})
        return await self._one(self._delete_unchanged, {"id": id, "versions": [*versions]})

    async def _one(self, statement: bytes, values: Mapping[str, Any]) -> DictRow | None:
        async with self.database.connection() as connection:
            return await self._on(connection, statement, values)

    async def _on(
        self, connection: AsyncConnection[DictRow], statement: bytes, values: Mapping[str, Any]
    ) -> DictRow | None:
        try:
            return await (await connection.execute(statement, values)).fetchone()
        except UniqueViolation as error:
            column = self.spec.unique[error.diag.constraint_name or ""]
            message = f"this {column} is already in use"
        raise ConflictError(f"body.{column}", message)

    def _render(self, template: str) -> bytes:
        # Rendered once: psycopg would compose the parts again for every execution.
        columns = self.spec.columns
        assignments = (SQL("{} = {}").format(Identifier(column), Placeholder(column)) for column in columns)
        return (
            SQL(template)
            .format(
                table=Identifier(self.spec.name),
                columns=_joined(map(Identifier, columns)),
                values=_joined(map(Placeholder, columns)),
                assignments=_joined(assignments),
                all=_joined(map(Identifier, self._all)),
            )
            .as_bytes(None)
        )


def _joined(parts: Iterable[Composable]) -> Composed:
    return SQL(", ").join(parts)
