"""Pages of a list. A page starts after a row, so each page costs the same, and none skips or repeats a row."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.resources.cursors import MAX_CURSOR, decode_cursor, encode_cursor
from app.resources.fields import Instant, Name, NamePrefix
from app.resources.listing import Listing, Sort
from app.resources.table import Table

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = Field(
        examples=["WyJpdGVtcyIsImlkIixudWxsLDQyXQ"], description="Where the next page starts; null at the end."
    )


class PageParams(BaseModel):
    """Query parameters of a page. Unknown parameters are refused, because a misspelt filter would list everything."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="Maximum number of entries.", examples=[50])
    cursor: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_CURSOR,
        description="`next_cursor` of the previous page, with the same `sort`; default: from the start.",
        examples=["WyJpdGVtcyIsImlkIixudWxsLDQyXQ"],
    )

    def listing(self) -> Listing:
        """Return which rows to read, in the order of their creation; the start is added later."""
        return Listing(limit=self.limit)


class ListParams(PageParams):
    """Query parameters of a list: filters, order and page."""

    sort: Sort = Field(
        "id", description="The order; a minus reverses it. Newer entries have higher ids.", examples=["-created_at"]
    )
    name: Name | None = Field(None, description="Only entries with exactly this name.", examples=["anchor"])
    name_prefix: NamePrefix | None = Field(
        None, description="Only entries whose name starts with this text; case-sensitive.", examples=["anch"]
    )
    created_after: Instant | None = Field(
        None, description="Only entries created after this time.", examples=["2026-01-31T12:00:00Z"]
    )
    created_before: Instant | None = Field(
        None, description="Only entries created before this time.", examples=["2026-12-31T12:00:00Z"]
    )

    def listing(self) -> Listing:
        """Return which rows to read; the start is added later."""
        filters = {name: value for name, value in self if value is not None and name not in _NO_FILTERS}
        return Listing(limit=self.limit, sort=self.sort, filters=filters)


_NO_FILTERS = {"limit", "cursor", "sort"}


async def read_page(table: Table, params: PageParams) -> dict[str, Any]:
    """Return the content of a Page. It reads one row more than it returns, to know whether there is a next page."""
    listing = params.listing()
    name, sort = table.spec.name, listing.sort
    after = decode_cursor(name, sort, params.cursor) if params.cursor is not None else None
    rows = await table.page(Listing(limit=listing.limit + 1, sort=sort, after=after, filters=listing.filters))
    if len(rows) <= listing.limit:
        return {"items": rows, "next_cursor": None}
    rows.pop()
    return {"items": rows, "next_cursor": encode_cursor(name, sort, rows[-1])}
