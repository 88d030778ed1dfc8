"""Types of fields that several resources share."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from app.resources.fields import Instant, Name, NamePrefix


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00Z", "2026-01-31t13:00:00.000+01:00"])
def test_accepts_a_time_with_an_offset(text: str) -> None:
    """RFC 3339, with or without a fraction."""
    assert TypeAdapter(Instant).validate_python(text) == datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-01-31T12:00:00", "2026-01-31", "1769860800", "2026-02-30T12:00:00Z", "2026-01-31T12:00:00 01:00", 7]
)
def test_rejects_an_ambiguous_or_invalid_time(text: object) -> None:
    """No offset, only a date, seconds since 1970, an impossible date, or a + that a query decoded to a space."""
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(text)


def test_rejects_the_null_character() -> None:
    """PostgreSQL cannot store it in names or compare it with prefixes of names."""
    for kind in (Name, NamePrefix):
        with pytest.raises(ValidationError, match=r"U\+0000"):
            TypeAdapter(kind).validate_python("a\0b")


def test_the_length_of_a_name_includes_surrounding_spaces() -> None:
    """They are removed afterwards. A name of spaces is refused."""
    name = TypeAdapter(Name)

    assert name.validate_python(f" {'a' * 198} ") == "a" * 198
    for refused in ("a" * 200 + " ", " ", ""):
        with pytest.raises(ValidationError):
            name.validate_python(refused)
