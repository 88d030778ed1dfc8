"""Cursors of lists."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.http.problems import InvalidFieldError
from app.resources.cursors import MAX_CURSOR, MAX_ID, decode_cursor, encode_cursor
from app.resources.listing import SORTS, After

NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=200)
INSTANTS = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))
ROWS = st.fixed_dictionaries({"id": st.integers(1, MAX_ID), "name": NAMES, "created_at": INSTANTS})


def spelt(content: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


@given(ROWS, st.sampled_from(SORTS))
def test_a_cursor_decodes_to_its_row(row: dict[str, Any], sort: str) -> None:
    """For any row and sort order, within the maximum length of the parameter."""
    cursor = encode_cursor("items", sort, row)

    value = row.get(sort.lstrip("-")) if "id" not in sort else None
    assert decode_cursor("items", sort, cursor) == After(value, row["id"])
    assert len(cursor) <= MAX_CURSOR


def test_an_instant_has_one_encoding() -> None:
    """Two connections may return the same instant in different time zones."""
    here = datetime(2026, 1, 31, 13, tzinfo=timezone(timedelta(hours=1)))

    assert encode_cursor("items", "created_at", {"id": 1, "created_at": here}) == encode_cursor(
        "items", "created_at", {"id": 1, "created_at": here.astimezone(UTC)}
    )


@given(st.text(max_size=80))
def test_rejects_any_other_text(text: str) -> None:
    """It is an error of the client."""
    with pytest.raises(InvalidFieldError, match=r"query\.cursor"):
        decode_cursor("items", "id", text)


@pytest.mark.parametrize(
    ("sort", "content"),
    [
        ("id", ["users", "id", None, 1]),
        ("id", ["items", "-id", None, 1]),
        ("id", ["items", "id", None, 0]),
        ("id", ["items", "id", None, MAX_ID + 1]),
        ("id", ["items", "id", None, True]),
        ("id", ["items", "id", "anchor", 1]),
        ("id", ["items", "id", None]),
        ("id", 7),
        ("name", ["items", "name", 7, 1]),
        ("name", ["items", "name", ["a"], 1]),
        ("name", ["items", "name", "a\0", 1]),
        ("name", ["items", "name", "a" * 201, 1]),
        ("created_at", ["items", "created_at", "yesterday", 1]),
        ("created_at", ["items", "created_at", "2026-01-31T12:00:00", 1]),
        ("created_at", ["items", "created_at", "2026-01-31T12:00:00+01:00", 1]),
        ("created_at", ["items", "created_at", 5, 1]),
    ],
)
def test_rejects_the_cursor_of_another_list_and_impossible_rows(sort: str, content: Any) -> None:
    """The cursor is of another table or sort order, or has an id or a value that no row can have."""
    with pytest.raises(InvalidFieldError, match="next_cursor of an earlier page of the items"):
        decode_cursor("items", sort, spelt(content))


def test_rejects_another_encoding_of_a_cursor() -> None:
    """With padding, white space or spaces in its JSON."""
    cursor = encode_cursor("items", "id", {"id": 42})
    spaced = urlsafe_b64encode(b'["items", "id", null, 42]').decode().rstrip("=")

    for text in (cursor + "=", cursor + "\n", " " + cursor, spaced):
        with pytest.raises(InvalidFieldError):
            decode_cursor("items", "id", text)
