"""Paths of the checkout, its stack files and the folders of its local clouds."""

from pathlib import Path

from infra.errors import InputError
from stacks import settings

ROOT = Path(__file__).resolve().parents[2]
"""The checkout, which holds Pulumi.yaml."""
DOCKERFILE = ROOT / "app" / "Dockerfile"
"""The Dockerfile of the bundled service."""
STATE = ROOT / ".drydock"
"""All data of Drydock on this machine for this checkout."""
LOCAL_STACK = "local"
"""The stack of the local cloud; all others are on AWS."""


def stack_names() -> list[str]:
    """Return the environments: one `Pulumi.<name>.yaml` each."""
    return settings.stack_names(ROOT)


def stack_file(stack: str, project: Path | None = None) -> Path:
    """Return the settings file of a stack in the folder of its project; None: that of the services.

    Raises:
        InputError: it is not a valid stack name, or the stack does not exist.
    """
    try:
        return settings.stack_file(project or ROOT, stack)
    except settings.SettingsError as error:
        raise InputError(str(error)) from error
