"""Keyset pagination: a page starts after a row, so it costs the same however deep, and skips or doubles nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from app.problems import InvalidFieldError
from app.store.table import Table

MAX_ID = 2**63 - 1  # bigint

Limit = Annotated[int, Query(ge=1, le=200, description="Most entries in the answer.")]
Cursor = Annotated[
    str | None, Query(max_length=64, description="`next_cursor` of the page before; left out: from the start.")
]


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list, in the order in which the entries were made."""

    items: list[T]
    next_cursor: str | None = Field(examples=["aWQ6NDI"], description="Where the next page starts; null at the end.")


def encode_cursor(id: int) -> str:
    """Return the cursor of the page after the row with this id."""
    return urlsafe_b64encode(f"id:{id}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> int:
    """Return the id after which the page starts. Raises InvalidFieldError for a text that is no cursor of ours."""
    if cursor is None:
        return 0
    try:
        kind, _, id = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(":")
        if kind == "id" and id.isdecimal() and int(id) <= MAX_ID and encode_cursor(int(id)) == cursor:
            return int(id)
    except ValueError:  # also what base64 and the decoder raise
        pass
    raise InvalidFieldError("query.cursor", "accepted is the next_cursor of an earlier page")


async def read_page(table: Table, cursor: str | None, limit: int) -> dict[str, object]:
    """Return what Page holds; one row more is read than shown, to know whether there is a next page."""
    rows = await table.page(decode_cursor(cursor), limit + 1)
    shown = rows[:limit]
    return {"items": shown, "next_cursor": encode_cursor(shown[-1]["id"]) if len(rows) > limit else None}
