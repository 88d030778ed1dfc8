"""Children of labelled metrics: cached in a dict, and bounded in number."""

from collections.abc import Callable
from typing import Generic, TypeVar

M = TypeVar("M")

MAX_CHILDREN = 1_000
OVERFLOW = "overflow"


class Children(Generic[M]):
    """A cache of the `labels` method of a metric.

    Beyond `most` combinations of labels, all further ones share one series with the label "overflow".
    """

    def __init__(self, make: Callable[..., M], labels: int, most: int = MAX_CHILDREN) -> None:
        self._make = make
        self._overflow = (OVERFLOW,) * labels
        self._most = most
        self._children: dict[tuple[str | int, ...], M] = {}

    def get(self, *labels: str | int) -> M:
        """Return the child with these labels."""
        child = self._children.get(labels)
        return child if child is not None else self._new(labels)

    def _new(self, labels: tuple[str | int, ...]) -> M:
        if len(self._children) >= self._most:
            return self._make(*self._overflow)
        child = self._make(*labels)
        self._children[labels] = child
        return child
