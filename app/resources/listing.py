"""The statement of a list: filters, one of six orders, and a start after a row (keyset pagination)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

from psycopg.sql import SQL, Composable, Identifier

Sort = Literal["id", "-id", "name", "-name", "created_at", "-created_at"]
SORTS: tuple[str, ...] = get_args(Sort)

# All combined with AND. `LIKE` with a fixed start can use an index with text_pattern_ops.
FILTERS: Mapping[str, Composable] = {
    "name": SQL("name = %(name)s"),
    "name_prefix": SQL("name LIKE %(name_prefix)s"),
    "email": SQL("lower(email) = lower(%(email)s)"),
    "created_after": SQL("created_at > %(created_after)s"),
    "created_before": SQL("created_at < %(created_before)s"),
}


class After(NamedTuple):
    """The row after which a list starts: its id, and its value in the column that sorts (None for the id)."""

    value: str | datetime | None
    id: int


class Shape(NamedTuple):
    """What the text of the statement depends on; values are parameters."""

    sort: str
    filters: tuple[str, ...]
    resumed: bool


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Which rows to list; the keys of `filters` are those of FILTERS."""

    limit: int
    sort: Sort = "id"
    after: After | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """The cache key of its statement."""
        return Shape(self.sort, tuple(self.filters), self.after is not None)


def sort_column(sort: str) -> str:
    """Return the column of the order."""
    return sort.removeprefix("-")


@lru_cache(maxsize=1024)
def list_statement(table: str, columns: tuple[str, ...], shape: Shape) -> bytes:
    """Return the statement. The id breaks ties, so the order is total; each order has an index."""
    column, descending = sort_column(shape.sort), shape.sort.startswith("-")
    keys = [Identifier("id")] if column == "id" else [Identifier(column), Identifier("id")]
    conditions = [FILTERS[name] for name in shape.filters]
    if shape.resumed:
        left, sign = SQL(", ").join(keys), SQL("<" if descending else ">")
        right = SQL("%(after_id)s" if column == "id" else "%(after_value)s, %(after_id)s")
        conditions.append(SQL("({}) {} ({})").format(left, sign, right))
    order = [SQL("{} DESC").format(key) if descending else key for key in keys]
    where = SQL(" WHERE {}").format(SQL(" AND ").join(conditions)) if conditions else SQL("")
    return (
        SQL("SELECT {} FROM {}{} ORDER BY {} LIMIT %(limit)s")
        .format(SQL(", ").join(map(Identifier, columns)), Identifier(table), where, SQL(", ").join(order))
        .as_bytes(None)
    )


def list_values(listing: Listing) -> dict[str, Any]:
    """Return the values for the statement's placeholders."""
    values = {**listing.filters, "limit": listing.limit}
    if "name_prefix" in values:
        values["name_prefix"] = _like_start(values["name_prefix"])
    if listing.after is not None:
        values["after_id"] = listing.after.id
        if listing.after.value is not None:
            values["after_value"] = listing.after.value
    return values


def _like_start(prefix: str) -> str:
    for special in ("\\", "%", "_"):
        prefix = prefix.replace(special, f"\\{special}")
    return f"{prefix}%"
