"""Where things are: the checkout, its stack files and the folders of its local clouds."""

from pathlib import Path

from infra.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
"""The checkout, which holds Pulumi.yaml."""
STATE = ROOT / ".drydock"
"""Everything that Drydock keeps on this machine for this checkout."""
LOCAL_STACK = "local"
"""The one stack that lives in a local cloud; every other one lives on AWS."""


def stack_names() -> list[str]:
    """The environments: one `Pulumi.<name>.yaml` each."""
    return sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))


def stack_file(stack: str) -> Path:
    """The settings file of a stack.

    Raises:
        InputError: there is no such stack.
    """
    path = ROOT / f"Pulumi.{stack}.yaml"
    if stack not in stack_names():
        raise InputError(
            f"unknown stack {stack!r}: there is no {path.name}; accepted: {', '.join(stack_names())}. "
            f"A new environment is one new file: copy Pulumi.dev.yaml to {path.name} and change what differs"
        )
    return path
