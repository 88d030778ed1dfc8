"""Where things are: the checkout, its stack files and the folders of its local clouds."""

from pathlib import Path

from infra.errors import InputError
from stacks import settings

ROOT = Path(__file__).resolve().parents[2]
"""The checkout, which holds Pulumi.yaml."""
STATE = ROOT / ".drydock"
"""Everything that Drydock keeps on this machine for this checkout."""
LOCAL_STACK = "local"
"""The one stack that lives in a local cloud; every other one lives on AWS."""


def stack_names() -> list[str]:
    """The environments: one `Pulumi.<name>.yaml` each."""
    return settings.stack_names(ROOT)


def stack_file(stack: str, project: Path | None = None) -> Path:
    """The settings file of a stack in the folder of its project; None: that of the services.

    Raises:
        InputError: it is no name for a stack, or there is no such stack.
    """
    try:
        return settings.stack_file(project or ROOT, stack)
    except settings.SettingsError as error:
        raise InputError(str(error)) from error
