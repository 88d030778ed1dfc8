"""Convert Pulumi's configuration of the current stack to Settings."""

from collections.abc import Mapping
from functools import partial

from pulumi.runtime import config as pulumi_config

from stacks.settings import AssumedRole, Settings, own_values, parse_assumed_roles, parse_settings
from stacks.settings.ignored import INSTEAD, ignored_keys
from stacks.settings.stack_rules import program_problems


def load_config(stack: str, config: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of the current stack with the same result as `read_stack_file`.

    `config` is what Pulumi passes to the program: fully qualified keys, every value a string, objects as JSON. By
    default it is that of the current program. All its keys are checked, so unknown keys are refused, which
    `pulumi.Config` cannot do. Raises SettingsError.
    """
    given = _running() if config is None else config
    return parse_settings(
        own_values(given),
        f"Pulumi.{stack}.yaml",
        rules=partial(program_problems, stack=stack),
        others=ignored_keys(given, INSTEAD),
    )


def load_assumed_roles(
    stack: str, settings: Settings, config: Mapping[str, str] | None = None
) -> tuple[AssumedRole, ...]:
    """Read the roles that the deployment assumes, `aws:assumeRoles`. Raises SettingsError."""
    given = _running() if config is None else config
    admins = settings.cluster.admins(stack)
    return parse_assumed_roles(given, f"Pulumi.{stack}.yaml", admins, settings.account_id)


def _running() -> Mapping[str, str]:
    return {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
