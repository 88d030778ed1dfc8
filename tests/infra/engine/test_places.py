"""Stacks are found by their files."""

import re

import pytest

from infra.engine import places
from infra.errors import InputError


def test_every_stack_file_is_an_environment() -> None:
    """The four that come with the project."""
    assert {"local", "dev", "staging", "prod"} <= set(places.stack_names())


def test_rejects_an_unknown_stack() -> None:
    """With the accepted ones and the way to add one."""
    with pytest.raises(InputError, match=re.escape("Pulumi.production.yaml")) as caught:
        places.stack_file("production")
    assert "dev, local, prod, staging" in str(caught.value)
    assert caught.value.exit_code == 2
