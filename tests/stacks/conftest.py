"""The whole program, once for each committed stack."""

from collections.abc import Callable

import pytest

from tests.support.recorder import Recording
from tests.support.stacks import whole_stack


@pytest.fixture(scope="session")
def whole() -> Callable[[str], Recording]:
    """Give the recording of a committed stack by its name."""
    return whole_stack
