"""What a law of the graph is, and what a mistake is that it has to find."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.support.edits import Edit
from tests.support.worlds import World

Law = Callable[[World], Iterator[str]]
"""Return a finding for each resource that breaks the law, in a sentence that begins with the resource's name."""


@dataclass(frozen=True, kw_only=True)
class Break:
    """One mistake in the program of `prod`, which one law finds and no other."""

    name: str
    edit: Edit
    law: Law
    says: str
    """What a finding has to say."""
