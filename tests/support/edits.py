"""Edits of a recorded program, to call a law on a program with a mistake.

An edit takes a world and returns another one. Resources are given by type and name: `Instance:database-instance`.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import reduce
from typing import Any

from tests.support.recorder import Recorded
from tests.support.worlds import World

Edit = Callable[[World], World]


def both(*edits: Edit) -> Edit:
    """Combine several edits."""
    return lambda world: reduce(lambda done, edit: edit(done), edits, world)


def put(key: str, *path: str | int, value: Any) -> Edit:
    """Set a value in the inputs of a resource. The path leads through objects, lists and JSON texts."""
    return _change(key, lambda inputs: _at(inputs, path, lambda parent, last: parent.__setitem__(last, value)))


def without(key: str, *path: str | int) -> Edit:
    """Remove a value from the inputs of a resource."""
    return _change(key, lambda inputs: _at(inputs, path, lambda parent, last: parent.__delitem__(last)))


def option(key: str, **options: Any) -> Edit:
    """Set options of a resource, such as `protect`, or other recorded values."""
    return lambda world: _with(world, replace(find(world, key), **options))


def drop(key: str) -> Edit:
    """Remove a resource. References to it stay."""

    def edit(world: World) -> World:
        urn = find(world, key).urn
        rest = {each: resource for each, resource in world.recording.resources.items() if each != urn}
        return replace(world, recording=replace(world.recording, resources=rest))

    return edit


def cut(later: str, *earlier: str) -> Edit:
    """Remove dependencies of a resource, as if the program used texts instead of outputs of other resources."""

    def edit(world: World) -> World:
        resource = find(world, later)
        rest = resource.depends_on - {find(world, each).urn for each in earlier}
        assert rest != resource.depends_on, f"{later} did not wait for {earlier}"
        return _with(world, replace(resource, depends_on=rest))

    return edit


def find(world: World, key: str) -> Recorded:
    """Return the only resource of a type and name."""
    kind, name = key.split(":", 1)
    found = [r for r in world.recording.resources.values() if (r.type.rpartition(":")[2], r.name) == (kind, name)]
    assert len(found) == 1, f"{len(found)} of {key}"
    return found[0]


def _change(key: str, change: Callable[[dict[str, Any]], Any]) -> Edit:
    def edit(world: World) -> World:
        resource = find(world, key)
        inputs = change(deepcopy(dict(resource.inputs)))
        return _with(world, replace(resource, inputs=inputs))

    return edit


def _with(world: World, resource: Recorded) -> World:
    resources = {**world.recording.resources, resource.urn: resource}
    return replace(world, recording=replace(world.recording, resources=resources))


def _at(value: Any, path: tuple[str | int, ...], change: Callable[[Any, str | int], object]) -> Any:
    """Return the value with a change at the path."""
    if isinstance(value, str):
        return json.dumps(_at(json.loads(value), path, change))
    step, *rest = path
    if rest:
        value[step] = _at(value[step], tuple(rest), change)
    else:
        before = deepcopy(value)
        change(value, step)
        assert value != before, f"{step} was so already"
    return value
