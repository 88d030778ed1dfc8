"""Cursors: where the next page of a list starts, as a text that clients pass back unchanged."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from app.core.http.problems import InvalidFieldError
from app.resources.listing import After, sort_column

MAX_ID = 2**63 - 1  # bigint
MAX_NAME = 200  # characters
MAX_CURSOR = 2048  # characters; a name of 200 four-byte characters takes about 1200


def encode_cursor(table: str, sort: str, row: Mapping[str, Any]) -> str:
    """Return the cursor of the page after this row in a list of the table with this order."""
    column = sort_column(sort)
    value = None if column == "id" else row[column]
    if isinstance(value, datetime):
        value = value.astimezone(UTC)  # one form, whatever the time zone of the connection
    return _encode(table, sort, After(value, row["id"]))


def decode_cursor(table: str, sort: str, cursor: str) -> After:
    """Return the row after which the page starts.

    Raises InvalidFieldError for a text that is not a cursor, or is one of another list or order.
    """
    try:
        _, _, value, id = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        after = _after(sort, value, id)
        # Only the exact text for this table and order: other texts that decode to the row were never returned.
        if after is not None and _encode(table, sort, after) == cursor:
            return after
    except (ValueError, TypeError):  # also what base64 and orjson raise
        pass
    raise InvalidFieldError(
        "query.cursor", f"must be the next_cursor of an earlier page of the {table} with sort={sort}"
    )


def _encode(table: str, sort: str, after: After) -> str:
    return urlsafe_b64encode(orjson.dumps([table, sort, after.value, after.id])).decode().rstrip("=")


def _after(sort: str, value: Any, id: Any) -> After | None:
    if type(id) is not int or not 0 < id <= MAX_ID:
        return None
    column = sort_column(sort)
    if column == "id":
        return After(None, id) if value is None else None
    if column == "name":
        is_name = isinstance(value, str) and len(value) <= MAX_NAME and "\0" not in value
        return After(value, id) if is_name else None
    instant = datetime.fromisoformat(value)
    return After(instant, id) if instant.utcoffset() == timedelta(0) else None
