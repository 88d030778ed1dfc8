"""The graph of the components of a stack, in columns from left to right."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from infra.review.plan import Node, Plan


@dataclass(frozen=True, kw_only=True)
class Box:
    """A component with its resources."""

    name: str
    """As `Node.component`."""
    column: int
    """0 for a component that depends on no other; else one more than the last of those that it depends on."""
    needs: tuple[str, ...]
    """Components that it depends on, without those that another one of them depends on too."""
    nodes: tuple[Node, ...]


def boxes(plan: Plan) -> tuple[Box, ...]:
    """Return the components by column, then in the order of the plan."""
    members: dict[str, list[Node]] = {}
    for node in plan.nodes:
        members.setdefault(node.component, []).append(node)
    needs = _acyclic(_needs(members))
    columns = _columns(needs)
    found = [
        Box(name=name, column=columns[name], needs=_direct(name, needs), nodes=tuple(nodes))
        for name, nodes in members.items()
    ]
    return tuple(sorted(found, key=lambda box: box.column))


def _needs(members: Mapping[str, Sequence[Node]]) -> dict[str, list[str]]:
    """Return component -> components that it depends on, in the order of the plan."""
    home = {node.urn: name for name, nodes in members.items() for node in nodes}
    found: dict[str, dict[str, None]] = {name: {} for name in members}
    for name, nodes in members.items():
        for node in nodes:
            for urn in node.dependencies:
                if home.get(urn, name) != name:
                    found[name][home[urn]] = None
    return {name: list(others) for name, others in found.items()}


def _acyclic(needs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the graph without the edges that close a circle. Resources have none, but components may."""
    kept: dict[str, list[str]] = {name: [] for name in needs}
    done: set[str] = set()

    def visit(name: str, above: frozenset[str]) -> None:
        done.add(name)
        for other in needs[name]:
            if other in above:
                continue
            kept[name].append(other)
            if other not in done:
                visit(other, above | {other})

    for name in needs:
        if name not in done:
            visit(name, frozenset({name}))
    return kept


def _columns(needs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    found: dict[str, int] = {}

    def column(name: str) -> int:
        if name not in found:
            found[name] = 1 + max(map(column, needs[name]), default=-1)
        return found[name]

    for name in needs:
        column(name)
    return found


def _direct(name: str, needs: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    through: Set[str] = {far for other in needs[name] for far in _all(other, needs)}
    return tuple(other for other in needs[name] if other not in through)


def _all(name: str, needs: Mapping[str, Sequence[str]]) -> set[str]:
    return {found for other in needs[name] for found in {other, *_all(other, needs)}}
