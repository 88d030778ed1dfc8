"""Requests and resources in a preview, of which some values are not known yet."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from localcloud.aws.judge.refusal import known

_Item = TypeVar("_Item")


class NotKnownError(Exception):
    """A rule needs a value that a preview does not know."""


class OwnId(str):
    """The id that AWS will give to the resource that the preview creates. Its text is that of an unknown value."""

    def __str__(self) -> str:
        """Return this object itself, so that `str` does not make it a plain unknown value."""
        return self

    def __format__(self, spec: str) -> str:
        """Return the words for it in a message."""
        return "the new resource"

    def __iter__(self) -> Iterator[str]:
        """Refuse to iterate, as for every unknown value."""
        raise TypeError("an unknown value has no items")

    def _parts(self, *_: Any) -> Any:
        """Refuse to read the text, which only AWS knows."""
        raise NotKnownError

    __getitem__ = split = rsplit = partition = rpartition = startswith = endswith = _parts  # type: ignore[assignment]


class Partial(Mapping[str, Any]):
    """A mapping that raises `NotKnownError` when a value is read that the preview does not know.

    Args:
        values: the values. Unknown values can be anywhere in them.
        absent: keys that are known to have no value. None if this applies to all keys that are not in `values`.
    """

    def __init__(self, values: Mapping[str, Any], absent: frozenset[str] | None = None) -> None:
        self._values, self._absent = values, absent

    def __getitem__(self, key: str) -> Any:
        if key not in self:
            raise KeyError(key)
        return _read(self._values[key])

    def __contains__(self, key: object) -> bool:
        if key in self._values:
            return True
        if self._absent is not None and key not in self._absent:
            raise NotKnownError(key)
        return False

    def __iter__(self) -> Iterator[str]:
        if not all(map(_is_known, self._values)):
            raise NotKnownError
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def until_unknown(items: Iterable[_Item]) -> Iterator[_Item]:
    """Yield the items of a rule, and end where it needs a value that is not known."""
    try:
        yield from items
    except NotKnownError:
        return


def _read(value: Any) -> Any:
    if isinstance(value, Mapping) and not isinstance(value, Partial):
        return Partial(value)
    if isinstance(value, list | tuple):
        return [_read(item) for item in value]
    if not _is_known(value):
        raise NotKnownError
    return value


def _is_known(value: Any) -> bool:
    return known(value) or isinstance(value, OwnId)
