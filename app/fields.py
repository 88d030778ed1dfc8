"""Types that several resources use in their bodies and paths."""

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, StringConstraints

from app.pages import MAX_ID

Id = Annotated[int, Path(ge=1, le=MAX_ID)]


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("text may not hold the character U+0000, which PostgreSQL cannot store")
    return text


Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_without_nul)
]
Description = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_without_nul)]
