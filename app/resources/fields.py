"""Field types that several resources use in bodies, paths and queries."""

import re
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, EmailStr, StringConstraints

from app.resources.cursors import MAX_ID, MAX_NAME

Id = Annotated[int, Path(ge=1, le=MAX_ID, examples=[1])]

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def without_nul(text: str) -> str:
    """Return the text. Raises ValueError if PostgreSQL cannot store it."""
    if "\0" in text:
        raise ValueError("text must not contain the character U+0000, which PostgreSQL cannot store")
    return text


def _without_name(value: Any) -> Any:
    # Pydantic would accept "John Doe <john@example.com>" and drop the name. No address that it accepts holds a "<".
    if isinstance(value, str) and "<" in value:
        raise ValueError("must be only the address, such as john@example.com, without a name or brackets")
    return value


def _stripped(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValueError("must not be blank")
    return text


def _rfc3339(value: Any) -> Any:
    # Pydantic would also accept seconds since 1970, and dates without a time.
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError("must be a time such as 2026-01-31T12:00:00Z; in a query, encode + as %2B")
    return value


# The length limits apply to the text as sent, as documented, not to the stripped text.
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_NAME), AfterValidator(_stripped), AfterValidator(without_nul)
]
NamePrefix = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME), AfterValidator(without_nul)]
Description = Annotated[str, StringConstraints(max_length=2000), AfterValidator(without_nul)]
Email = Annotated[EmailStr, StringConstraints(max_length=254), BeforeValidator(_without_name)]
Instant = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]
