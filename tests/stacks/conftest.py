"""Recordings of the whole program, one for each committed stack and for each of the drawn settings."""

from collections.abc import Callable

import pytest

from tests.support.recorder import Recording
from tests.support.stacks import whole_stack
from tests.support.worlds import World, world_of


@pytest.fixture(scope="session")
def whole() -> Callable[[str], Recording]:
    """Return the recording of a committed stack by its name."""
    return whole_stack


@pytest.fixture
def world(request: pytest.FixtureRequest) -> World:
    """Return the world with the name in the parameter; a failed test shows its settings."""
    found = world_of(request.param)
    print(found.settings.model_dump_json(by_alias=True))
    return found
