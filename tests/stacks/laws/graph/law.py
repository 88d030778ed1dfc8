"""The types of a law of the graph, and of a mistake that it has to find."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.support.edits import Edit
from tests.support.worlds import World

Law = Callable[[World], Iterator[str]]
"""Return a finding for each resource that breaks the law, in a sentence that begins with the resource's name."""


@dataclass(frozen=True, kw_only=True)
class Break:
    """A mistake in the program of `prod` that exactly one law finds."""

    name: str
    edit: Edit
    law: Law
    says: str
    """Text that a finding has to contain."""
