"""The output of `up` in the docs, with the number of resources that the stacks have now."""

import re

from tests.support.builders import ROOT
from tests.support.stacks import whole_stack
from tests.support.tables import between

OPERATOR_ENTRY = 2
"""Resources that `cluster.adminRoles` with the operator role adds to `dev`: the access entry and its policy."""


def up_local() -> str:
    """Return the output of `make up` in docs/local-cloud.md."""
    return _with_number("docs/local-cloud.md", "output: make up", resources("local"))


def up_dev() -> str:
    """Return the output of the first deployment in docs/on-aws.md."""
    return _with_number("docs/on-aws.md", "output: drydock up dev", resources("dev") + OPERATOR_ENTRY)


def resources(stack: str) -> int:
    """Return the number of resources of a stack: those of its recording, and the stack itself."""
    return len(whole_stack(stack).resources) + 1


def _with_number(page: str, name: str, number: int) -> str:
    return re.sub(r"\b\d+(?= create\b)", str(number), between((ROOT / page).read_text(), name))
