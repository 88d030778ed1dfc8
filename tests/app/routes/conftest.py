"""What the tests of several routes need."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.settings import Settings
from tests.support.client import client_of
from tests.support.ports import free_port


@pytest.fixture
async def cut_off() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that never reached its database."""
    settings = Settings(database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/none", environment="test")
    async with client_of(settings) as client:
        yield client
