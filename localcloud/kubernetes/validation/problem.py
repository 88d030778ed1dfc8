"""What is wrong with an object."""

import json
from dataclasses import dataclass
from typing import Any

from localcloud.kubernetes.property_paths import path_text

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A value that the API server would refuse."""

    path: Path
    """The property."""
    text: str
    """The reason and its detail in the words of the API server."""
    source: str
    """Where the constraint is defined."""

    def __str__(self) -> str:
        return f"{path_text(self.path)}: {self.text} ({self.source})"


def quoted(value: Any) -> str:
    """Return a value as the API server prints it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
