"""Every setting reaches its resources with its value."""

import json
from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from tests.stacks.destinations import DESTINATIONS, ELSEWHERE, OF_COMMANDS
from tests.support.recorder import Recording
from tests.support.settings_values import BASE, Values, base_for, is_valid, leaves, other_value, with_value
from tests.support.worlds import World, every_world, recorded


@cache
def _base() -> World:
    return recorded(BASE)


def _inputs(recording: Recording) -> dict[str, str]:
    """Return URN -> inputs and options of each resource."""
    return {
        urn: json.dumps([resource.inputs, resource.protect, resource.create_timeout], sort_keys=True)
        for urn, resource in recording.resources.items()
    }


def _combined(paths: Iterable[str]) -> Iterator[tuple[Values, list[str]]]:
    """Change every setting once, with as many at a time as are valid together: a recording takes half a second."""
    groups: list[tuple[Values, list[str]]] = []
    for path in paths:
        value = other_value(path)
        for i, (values, changed) in enumerate(groups):
            if is_valid(together := with_value(values, path, value)):
                groups[i] = (together, [*changed, path])
                break
        else:
            groups.append((with_value(BASE, path, value), [path]))
    yield from groups


def _misplaced(world: World, paths: Iterable[str]) -> list[str]:
    """Return the places that do not have exactly the value of their setting."""
    wrong = []
    for path in paths:
        for destination in DESTINATIONS[path]:
            expected = destination.expected(world.settings)
            if path == "tags":
                expected["Environment"] = world.name
            found = destination.found(world)
            if found != [expected] * len(found):
                wrong.append(
                    f"{path}: {destination.type} {destination.name or ''} {destination.path}: {found} is not {expected}"
                )
    return wrong


def test_every_setting_has_a_place() -> None:
    """A new setting needs a row in destinations.py, or its own law."""
    assert sorted([*DESTINATIONS, *ELSEWHERE, *OF_COMMANDS]) == sorted(leaves()), (
        "add a new setting to DESTINATIONS in tests/stacks/destinations.py, or to ELSEWHERE there"
    )


@pytest.mark.parametrize("path", ELSEWHERE)
def test_changing_a_setting_changes_the_inputs(path: str) -> None:
    """A setting that is not passed on fails here, in addition to its law elsewhere."""
    base = base_for(path)
    before = _base() if base == BASE else recorded(base)
    changed = recorded(with_value(base, path, other_value(path)))

    assert _inputs(changed.recording) != _inputs(before.recording)


@pytest.mark.parametrize("path", OF_COMMANDS)
def test_a_setting_of_commands_changes_no_resource(path: str) -> None:
    """Its law is elsewhere."""
    changed = recorded(with_value(BASE, path, other_value(path)))

    assert _inputs(changed.recording) == _inputs(_base().recording)


def test_changed_settings_reach_their_places() -> None:
    """Each setting is changed to a value that changes its places, and each place has the new value."""
    tried = []
    for values, paths in _combined(DESTINATIONS):
        world = recorded(values)
        for path in paths:
            before, after = ([each.expected(w.settings) for each in DESTINATIONS[path]] for w in (_base(), world))
            assert before != after, path
        assert _misplaced(world, paths) == []
        tried += paths

    assert sorted(tried) == sorted(DESTINATIONS)


@every_world
def test_settings_reach_their_places(world: World) -> None:
    """Each place has exactly the value of its setting."""
    assert _misplaced(world, DESTINATIONS) == []
