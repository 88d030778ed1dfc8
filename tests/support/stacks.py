"""Recordings of the committed stacks, made once per test run."""

from functools import cache

from infra.program import APP
from stacks.build import build
from stacks.settings import read_stack_file
from tests.support.builders import ROOT
from tests.support.recorder import Recording, record


@cache
def whole_stack(stack: str) -> Recording:
    """Return the recording of a committed stack by its name."""
    settings = read_stack_file(ROOT / f"Pulumi.{stack}.yaml")
    return record(lambda: build(settings, stack, APP), stack)


@cache
def without_services(stack: str) -> Recording:
    """Return the recording of a committed stack without the services of its `drydock:services`."""
    settings = read_stack_file(ROOT / f"Pulumi.{stack}.yaml")
    if not settings.services:
        return whole_stack(stack)
    return record(lambda: build(settings.model_copy(update={"services": {}}), stack, APP), stack)
