"""Create, read, list, update and delete on one table; the statements are written once, here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

from app.database import Database
from app.problems import ConflictError


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """What differs from table to table; all have id, created_at and updated_at besides."""

    name: str
    columns: tuple[str, ...]
    """Columns that clients write."""
    unique: Mapping[str, str]
    """Unique constraint or index -> the column it keeps unique."""


ITEMS = TableSpec(name="items", columns=("name", "description"), unique={})
USERS = TableSpec(name="users", columns=("name", "email"), unique={"users_email_key": "email"})


class Table:
    """Rows of one table as dicts; a row that is not there is None. Ids grow, and are never used again."""

    def __init__(self, database: Database, spec: TableSpec) -> None:
        self._database = database
        self._spec = spec
        names = {
            "table": Identifier(spec.name),
            "columns": _list(map(Identifier, spec.columns)),
            "values": _list(map(Placeholder, spec.columns)),
            "assignments": _list(
                SQL("{} = {}").format(Identifier(column), Placeholder(column)) for column in spec.columns
            ),
            "all": _list(map(Identifier, ("id", *spec.columns, "created_at", "updated_at"))),
        }
        self._insert = SQL("INSERT INTO {table} ({columns}) VALUES ({values}) RETURNING {all}").format(**names)
        self._select = SQL("SELECT {all} FROM {table} WHERE id = %(id)s").format(**names)
        self._page = SQL("SELECT {all} FROM {table} WHERE id > %(after)s ORDER BY id LIMIT %(limit)s").format(**names)
        self._update = SQL(
            "UPDATE {table} SET {assignments}, updated_at = now() WHERE id = %(id)s RETURNING {all}"
        ).format(**names)
        self._delete = SQL("DELETE FROM {table} WHERE id = %(id)s RETURNING id").format(**names)

    async def create(self, values: Mapping[str, Any]) -> DictRow:
        """Insert a row and return it. Raises ConflictError if a unique column is taken."""
        row = await self._one(self._insert, values)
        assert row is not None  # noqa: S101 (INSERT ... RETURNING returns its row or raises)
        return row

    async def read(self, id: int) -> DictRow | None:
        """Return the row."""
        return await self._one(self._select, {"id": id})

    async def page(self, after: int, limit: int) -> list[DictRow]:
        """Return at most `limit` rows with ids above `after`, in the order they were made."""
        async with self._database.connection() as connection:
            return await (await connection.execute(self._page, {"after": after, "limit": limit})).fetchall()

    async def update(self, id: int, values: Mapping[str, Any]) -> DictRow | None:
        """Replace what clients write and return the row. Raises ConflictError if a unique column is taken."""
        return await self._one(self._update, {**values, "id": id})

    async def delete(self, id: int) -> DictRow | None:
        """Delete the row and return its id."""
        return await self._one(self._delete, {"id": id})

    async def _one(self, statement: Composed, values: Mapping[str, Any]) -> DictRow | None:
        async with self._database.connection() as connection:
            try:
                return await (await connection.execute(statement, values)).fetchone()
            except UniqueViolation as error:
                column = self._spec.unique[error.diag.constraint_name or ""]
                raise ConflictError(f"body.{column}", f"another of the {self._spec.name} has this {column}") from None


def _list(parts: Iterable[Composable]) -> Composed:
    return SQL(", ").join(parts)
