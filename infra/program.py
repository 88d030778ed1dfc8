"""The Pulumi program: it builds an environment from settings."""

from datetime import UTC, datetime
from pathlib import Path

import pulumi
from pulumi.runtime import get_root_resource

from components.image import BuildContext
from infra.cluster_access import admitted
from infra.load_config import load_assumed_roles, load_config
from stacks.build import build
from stacks.end_of_life import ending
from stacks.settings import SettingsError

# Builders resolve a relative path from the program's folder, which is this one (`main` in Pulumi.yaml). An absolute
# path would differ between machines, and so would the plan.
APP = BuildContext(folder=Path(__file__).parent.parent / "app", location="../app")


def program() -> None:
    """Build the environment of the current stack, and export its outputs.

    Works inline (Automation API) and with the official CLI. Invalid settings end it with their message, before anything
    is registered.
    """
    stack = pulumi.get_stack()
    try:
        settings = load_config(stack)
        outputs = build(settings, stack, APP, load_assumed_roles(stack, settings), admitted)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    for line in ending(settings, datetime.now(UTC).date()):
        pulumi.log.warn(line, resource=get_root_resource())
    for name, value in outputs.items():
        pulumi.export(name, value)
