"""Checks of `drydock:service` → `secrets` and `environment`: names of settings, names of secrets, values."""

import re

MAX_VALUE_LENGTH = 4096

FILE = r"^[A-Z][A-Z0-9_]{0,62}$"
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
NAME = r"^[A-Za-z0-9/_+=.@!-]{1,512}$"


def setting_name(name: str) -> str:
    """Check the name of a setting of the service. Raises ValueError."""
    if not re.search(FILE, name, re.ASCII) or name.endswith("\n"):
        raise ValueError("the name of a setting, in capital letters, digits and _, such as API_KEY")
    return name


def secret_name(name: str) -> str:
    """Check the name of a secret. Raises ValueError."""
    if not re.search(NAME, name, re.ASCII) or name.endswith("\n"):
        raise ValueError(
            "the name of a secret in Secrets Manager, in this stack's account and region, of letters, digits and "
            "/_+=.@!-, not an ARN"
        )
    return name


def variable_value(value: str) -> str:
    """Check the value of an environment variable. Raises ValueError."""
    if not value.isprintable() or not 1 <= len(value) <= MAX_VALUE_LENGTH:
        raise ValueError(f"a text of 1 to {MAX_VALUE_LENGTH} characters on one line")
    return value
