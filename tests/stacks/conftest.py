"""The whole program, once for each committed stack."""

from collections.abc import Callable
from functools import cache

import pytest

from infra.program import APP
from stacks.build import build
from stacks.settings import read_stack_file
from tests.support.builders import ROOT
from tests.support.recorder import Recording, record


@cache
def _whole(stack: str) -> Recording:
    settings = read_stack_file(ROOT / f"Pulumi.{stack}.yaml")
    return record(lambda: build(settings, stack, APP), stack)


@pytest.fixture(scope="session")
def whole() -> Callable[[str], Recording]:
    """Give the recording of a committed stack by its name."""
    return _whole
