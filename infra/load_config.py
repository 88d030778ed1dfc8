"""From Pulumi's configuration of the running stack to Settings."""

from collections.abc import Mapping

from pulumi.runtime import config as pulumi_config

from stacks.settings import AssumedRole, Settings, own_values, parse_assumed_roles, parse_settings


def load_config(stack: str, config: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of the running stack, with the meaning that `read_stack_file` gives to its file.

    `config` is what Pulumi hands the program: fully qualified keys, every value as text, objects as JSON. Left out, it
    is that of the running program. All keys of it are looked at, so an unknown one is refused, which
    `pulumi.Config` could not do. Raises SettingsError.
    """
    given = _running() if config is None else config
    return parse_settings(own_values(given), f"Pulumi.{stack}.yaml")


def load_assumed_roles(
    stack: str, settings: Settings, config: Mapping[str, str] | None = None
) -> tuple[AssumedRole, ...]:
    """Read the roles that the running stack's deployment takes, `aws:assumeRoles`. Raises SettingsError."""
    given = _running() if config is None else config
    admins = settings.cluster.admins(stack)
    return parse_assumed_roles(given, f"Pulumi.{stack}.yaml", admins, settings.account_id)


def _running() -> Mapping[str, str]:
    return {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
