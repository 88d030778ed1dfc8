"""Values that several resources take."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from app.resources.fields import Instant, Name, NamePrefix


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00Z", "2026-01-31t13:00:00.000+01:00"])
def test_an_instant_has_an_offset(text: str) -> None:
    """RFC 3339, with or without a fraction."""
    assert TypeAdapter(Instant).validate_python(text) == datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-01-31T12:00:00", "2026-01-31", "1769860800", "2026-02-30T12:00:00Z", "2026-01-31T12:00:00 01:00", 7]
)
def test_rejects_a_time_that_could_mean_several(text: object) -> None:
    """No offset, a date alone, seconds since 1970, a day that is not there, a + that a query turned into a space."""
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(text)


def test_rejects_what_postgresql_cannot_store() -> None:
    """In names and in what names are searched by."""
    for kind in (Name, NamePrefix):
        with pytest.raises(ValidationError, match=r"U\+0000"):
            TypeAdapter(kind).validate_python("a\0b")


def test_a_name_is_as_long_as_it_was_sent() -> None:
    """Spaces around it count, though they are not kept; and they alone are no name."""
    name = TypeAdapter(Name)

    assert name.validate_python(f" {'a' * 198} ") == "a" * 198
    for refused in ("a" * 200 + " ", " ", ""):
        with pytest.raises(ValidationError):
            name.validate_python(refused)
