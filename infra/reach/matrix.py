"""The reachability matrix of a stack: the answers for all pairs of source and target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.reach.ends import Place
from infra.reach.paths import answer
from infra.reach.verdict import Answer
from infra.reach.view import view_of
from infra.resources.resource import Resource


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """The answers for all sources and targets of a stack."""

    sources: Mapping[str, Place]
    targets: Mapping[str, Place]
    answers: Mapping[tuple[str, str], Answer]
    """(source, target) -> answer. Meaningless pairs, such as the internet and the DNS on a node, are omitted."""

    def row(self, source: str) -> Mapping[str, Answer]:
        """Return the answers for one source, by target."""
        return {target: self.answers[source, target] for target in self.targets if (source, target) in self.answers}


def matrix_of(resources: Sequence[Resource]) -> Matrix:
    """Compute the reachability matrix of the planned resources of a stack."""
    network, places = view_of(resources)
    asked = {
        (one, other): answer(network, a, b) for one, a in places.sources.items() for other, b in places.targets.items()
    }
    return Matrix(
        sources=places.sources,
        targets=places.targets,
        answers={question: found for question, found in asked.items() if found},
    )
