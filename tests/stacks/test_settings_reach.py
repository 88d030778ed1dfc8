"""Every setting reaches the resources that it is about, with its value."""

import json

import pytest

from tests.stacks.landings import ELSEWHERE, LANDINGS
from tests.support.recorder import Recording
from tests.support.settings_values import BASE, leaves, other_value, with_value
from tests.support.worlds import World, every_world, recorded

_base: list[Recording] = []


def _inputs(recording: Recording) -> dict[str, str]:
    """Give what is asked for, by URN: the inputs and the options of each resource."""
    return {
        urn: json.dumps([resource.inputs, resource.protect, resource.create_timeout], sort_keys=True)
        for urn, resource in recording.resources.items()
    }


@pytest.mark.parametrize("path", leaves())
def test_changing_one_setting_changes_what_is_asked_for(path: str) -> None:
    """A setting that is not passed on fails here by itself, also one that is added later."""
    if not _base:
        _base.append(recorded(BASE).recording)

    changed = recorded(with_value(BASE, path, other_value(path)))

    assert _inputs(changed.recording) != _inputs(_base[0])


def test_every_setting_has_its_place() -> None:
    """A new setting gets a row in landings.py, or a law of its own."""
    assert {*LANDINGS, *ELSEWHERE} == set(leaves())
    assert not set(LANDINGS) & set(ELSEWHERE)


@every_world
@pytest.mark.parametrize("path", LANDINGS)
def test_setting_is_where_it_belongs(world: World, path: str) -> None:
    """In each of its places, with the very value."""
    for landing in LANDINGS[path]:
        expected = landing.expected(world.settings)
        if path == "tags":
            expected["Environment"] = world.name
        found = landing.found(world)
        assert found == [expected] * len(found), f"{landing.type} {landing.name or ''} {landing.path}"
