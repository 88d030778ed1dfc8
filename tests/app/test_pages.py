"""Cursors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pages import MAX_ID, decode_cursor, encode_cursor
from app.problems import InvalidFieldError


@given(st.integers(0, MAX_ID))
def test_a_cursor_leads_back_to_its_row(id: int) -> None:
    """What was encoded is decoded."""
    assert decode_cursor(encode_cursor(id)) == id


def test_no_cursor_is_the_start() -> None:
    """Ids begin at 1."""
    assert decode_cursor(None) == 0


@given(st.text(max_size=64).filter(lambda text: text not in {encode_cursor(id) for id in range(10)}))
def test_rejects_any_other_text(text: str) -> None:
    """A forged cursor is the client's fault, never an error of ours."""
    with pytest.raises(InvalidFieldError, match=r"query\.cursor"):
        decode_cursor(text)


@pytest.mark.parametrize("text", ["aWQ6NDI=", "aWQ6NDI\n", "aWQ6MDc", "aWQ6LTE", "aXg6NDI", "aWQ6NDJ"])
def test_rejects_another_spelling_of_a_cursor(text: str) -> None:
    """Padding, white space, leading zeros, a sign, another kind, stray bits."""
    with pytest.raises(InvalidFieldError):
        decode_cursor(text)


def test_rejects_a_row_beyond_the_last_possible_one() -> None:
    """PostgreSQL would refuse the number."""
    with pytest.raises(InvalidFieldError):
        decode_cursor(encode_cursor(MAX_ID + 1))
