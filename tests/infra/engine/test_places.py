"""The stacks of a checkout are those with a stack file."""

import re

import pytest

from infra.engine import places
from infra.errors import InputError


def test_finds_the_stack_files() -> None:
    """The four stacks of the project are found."""
    assert {"local", "dev", "staging", "prod"} <= set(places.stack_names())


def test_rejects_an_unknown_stack() -> None:
    """Exit code 2; the message lists the stacks and the file that would add one."""
    with pytest.raises(InputError, match=re.escape("Pulumi.production.yaml")) as caught:
        places.stack_file("production")
    assert "dev, local, prod, staging" in str(caught.value)
    assert caught.value.exit_code == 2
