"""Settings of an environment: `Pulumi.<stack>.yaml`, typed and validated."""

from stacks.settings.assumed_role import AssumedRole, parse_assumed_roles
from stacks.settings.engine_yaml import as_text
from stacks.settings.environment import require_name
from stacks.settings.parse import SettingsError, parse_settings
from stacks.settings.roles import role_arn
from stacks.settings.schema import json_schema
from stacks.settings.settings import Settings
from stacks.settings.stack_file import StackFile, load_stack_file, own_values, read_stack_file, stack_file, stack_names

__all__ = [
    "AssumedRole",
    "Settings",
    "SettingsError",
    "StackFile",
    "as_text",
    "json_schema",
    "load_stack_file",
    "own_values",
    "parse_assumed_roles",
    "parse_settings",
    "read_stack_file",
    "require_name",
    "role_arn",
    "stack_file",
    "stack_names",
]
