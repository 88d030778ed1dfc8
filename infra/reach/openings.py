"""The network paths that one version of a stack has and another one has not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from infra.reach.ends import Place
from infra.reach.network import Network
from infra.reach.paths import answer
from infra.reach.places import INTERNET
from infra.reach.security_groups import CLOUDFRONT
from infra.reach.shape import shape
from infra.reach.verdict import RANKS, Path, Verdict
from infra.reach.view import view_of
from infra.resources.properties import is_known
from infra.resources.resource import Resource

ENTRANCES = (INTERNET, CLOUDFRONT)
PASSING = (Verdict.YES, Verdict.SOME)
Ends = tuple[str, str]
"""The interfaces of a path without the names of their places, such as ` in network-private-a`."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A path that is new."""

    source: str
    target: str
    port: str
    resources: tuple[Resource, ...]
    """The resources that may have opened it, the most likely first."""


@dataclass(frozen=True, kw_only=True)
class _Question:
    """A source, a target and a port, by names that do not depend on other places of the same kind."""

    source: str
    target: str
    port: str


@dataclass(frozen=True, kw_only=True)
class _Paths:
    source: Place
    target: Place
    found: Mapping[Ends, Path]

    @property
    def passing(self) -> Path | None:
        return next((each for each in self.found.values() if each.verdict in PASSING), None)

    @property
    def may_pass(self) -> bool:
        return any(each.verdict is not Verdict.NO for each in self.found.values())


@dataclass(frozen=True, kw_only=True)
class _Matrix:
    sources: frozenset[str]
    targets: frozenset[str]
    answers: Mapping[_Question, _Paths]

    @cached_property
    def open_ports(self) -> Mapping[tuple[str, str], list[str]]:
        """Source and target -> the ports that are or may be open; no entry for a pair without an answer."""
        found: dict[tuple[str, str], list[str]] = {}
        for each, paths in self.answers.items():
            found.setdefault((each.source, each.target), []).extend([each.port] if paths.may_pass else [])
        return found

    @cached_property
    def passed(self) -> tuple[_Question, ...]:
        """The questions whose answer is or may be yes, one for each source and target."""
        return tuple(
            {(each.source, each.target): each for each, paths in self.answers.items() if paths.may_pass}.values()
        )


def openings(before: Sequence[Resource], after: Sequence[Resource]) -> list[Opening]:
    """Return the paths that are open after a deployment and were closed before it.

    A path of a new place is new only if no place of its kind had it: the interfaces of a new zone and the pods of a new
    service repeat paths that exist. What the internet reaches through a load balancer is new for each kind of pods.
    Paths that were or will be unknown are not returned, and a value that was unknown counts as unchanged.
    """
    later = {each.urn: each for each in after}
    informed = [_with_known_values(each, later[each.urn]) if each.urn in later else each for each in before]
    if shape(informed) == shape(after):
        return []
    old, new = _matrix(informed), _matrix(after)
    found = [opening for question, paths in new.answers.items() if (opening := _opened(question, paths, old, new))]
    return [*found, *_entrances(old, new)]


def _with_known_values(old: Resource, new: Resource) -> Resource:
    """Return a resource with the later values where its own ones are unknown."""
    if is_known(old.properties):
        return old
    return replace(
        old,
        properties=_filled(old.properties, new.properties),
        dependencies={**new.dependencies, **old.dependencies},
    )


def _filled(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: _filled(value, new.get(key, value)) for key, value in old.items()}
    return old if is_known(old) else new


def _matrix(resources: Sequence[Resource]) -> _Matrix:
    network, places = view_of(resources)
    targets = list(filter(_is_own, places.targets.values()))
    answers = {
        _Question(source=_key(source), target=_key(target), port=port): paths
        for source in places.sources.values()
        for target in targets
        for port, paths in _asked(network, source, target)
    }
    return _Matrix(
        sources=frozenset(map(_key, places.sources.values())),
        targets=frozenset(map(_key, targets)),
        answers=answers,
    )


def _is_own(target: Place) -> bool:
    """Return whether a target belongs to the stack or is the internet, rather than a service of AWS or of a node."""
    return not (target.service or target.parts or any(end.on_node for end in target.ends))


def _asked(network: Network, source: Place, target: Place) -> Iterator[tuple[str, _Paths]]:
    for port in target.ports:
        if found := answer(network, source, replace(target, ports=(port,))):
            by_ends = {
                (path.source.removeprefix(source.name), path.target.removeprefix(target.name)): path
                for path in sorted(found.paths, key=lambda each: -RANKS[each.verdict])
            }
            yield str(port), _Paths(source=source, target=target, found=by_ends)


def _key(place: Place) -> str:
    """Return a name that stays if a place of the same kind is added."""
    return f"{_kind(place.name)} {place.resource.urn}" if place.resource else place.name


def _kind(name: str) -> str:
    return name.partition("/")[0].partition(" ")[0]


def _opened(question: _Question, paths: _Paths, old: _Matrix, new: _Matrix) -> Opening | None:
    same = old.answers.get(question)
    if same is None:
        path = paths.passing
        return None if path is None or _repeats(question, old, new) else _opening(question, paths, path, None)
    for ends, path in paths.found.items():
        if _is_wider(path, same, ends):
            return _opening(question, paths, path, same.found.get(ends) or next(iter(same.found.values())))
    return None


def _is_wider(path: Path, same: _Paths, ends: Ends) -> bool:
    was = same.found.get(ends)
    if path.verdict not in PASSING:
        return False
    if was is None:  # the interface is new
        return not same.may_pass
    return was.verdict in (Verdict.NO, Verdict.SOME) and RANKS[path.verdict] < RANKS[was.verdict]


def _repeats(question: _Question, old: _Matrix, new: _Matrix) -> bool:
    """Return whether the old version has such a path, or may have it."""
    if question.source in old.sources and question.target in old.targets:
        # A pair of places without an answer is not known. Another port instead of one that is closed is no new path.
        pair = question.source, question.target
        return pair not in old.open_ports or len(new.open_ports[pair]) <= len(old.open_ports[pair])
    if question.source in ENTRANCES and question.target not in old.targets:
        return False
    return any(
        _same_or_new(each.source, question.source, old.sources)
        and _same_or_new(each.target, question.target, old.targets)
        for each in old.passed
    )


def _same_or_new(one: str, other: str, known: frozenset[str]) -> bool:
    """Return whether a place of the old version equals another place, or, if that one is new, has its kind."""
    if other in known:
        return one == other
    return _kind(one) == (INTERNET if other == CLOUDFRONT else _kind(other))


def _entrances(old: _Matrix, new: _Matrix) -> Iterator[Opening]:
    """Yield the kinds of pods that the internet reaches through a load balancer, and could not reach before."""
    before = _reached(old, lambda paths: paths.may_pass)
    for target, paths in _reached(new, lambda paths: paths.passing is not None).items():
        if target not in before and paths.passing:
            port = ", ".join(map(str, paths.target.ports))
            yield _opening(_Question(source=INTERNET, target=target, port=port), paths, paths.passing, None)


def _reached(matrix: _Matrix, passes: Callable[[_Paths], bool]) -> dict[str, _Paths]:
    """Return key of a kind of pods -> the paths to it from a load balancer that the internet reaches."""
    entered = {each.target for each, paths in matrix.answers.items() if each.source in ENTRANCES and passes(paths)}
    return {each.target: paths for each, paths in matrix.answers.items() if each.source in entered and passes(paths)}


def _opening(question: _Question, paths: _Paths, path: Path, was: Path | None) -> Opening:
    hops = [*([was.decides] if was else []), *path.hops]
    resources = [hops[0].resource if was else None, paths.target.resource, *(hop.resource for hop in hops)]
    found = {each.urn: each for each in [*resources, paths.source.resource] if each}
    return Opening(
        source=INTERNET if question.source == INTERNET else paths.source.name,
        target=paths.target.name,
        port=question.port,
        resources=tuple(found.values()),
    )
