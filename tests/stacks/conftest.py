"""Recordings of the whole program, one for each committed stack and for each of the drawn settings; and an account."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.recorder import Recording
from tests.support.stacks import whole_stack
from tests.support.worlds import World, world_of

if TYPE_CHECKING:
    from localcloud.aws.server import AwsServer


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


@pytest.fixture
def server(tmp_path: Path) -> Iterator["AwsServer"]:
    """Return the server of an empty account, emulated by moto."""
    from tests.localcloud.aws.conftest import start_server  # noqa: PLC0415 - half a second that few tests here need

    folder = tmp_path / "aws"
    folder.mkdir()
    server = start_server(folder)
    yield server
    server.stop()
