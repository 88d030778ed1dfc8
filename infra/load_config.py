"""From Pulumi's configuration of the running stack to Settings."""

import json
from collections.abc import Mapping

from pulumi.runtime import config as pulumi_config

from stacks.settings import Settings, own_values, parse_settings

SCALARS = {"true": True, "false": False}


def load_config(stack: str, config: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of the running stack.

    `config` is what Pulumi hands the program: fully qualified keys, every value as text, objects as JSON. Left out, it
    is that of the running program. All keys of it are looked at, so an unknown one is refused, which
    `pulumi.Config` could not do. Raises SettingsError.
    """
    given = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()} if config is None else config
    values = {name: _decode(str(text)) for name, text in own_values(given).items()}
    return parse_settings(values, f"Pulumi.{stack}.yaml")


def _decode(text: str) -> object:
    """Give the value that the text stands for: an object or list as JSON, a truth value, or the text itself."""
    if text[:1] in ("{", "["):
        try:
            value: object = json.loads(text)
        except ValueError:
            return text
        return value
    return SCALARS.get(text, text)
