"""Secrets that the service mounts as files: `drydock:service` → `secrets`."""

import re
from collections.abc import Iterator, Mapping

from stacks.settings.reserved import SET_BY

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
            "/_+=.@!-; no ARN"
        )
    return name


def secret_problems(secrets: Mapping[str, str]) -> Iterator[str]:
    """Find files that would stand in for what Drydock itself sets."""
    for file in secrets:
        if file in SET_BY:
            yield f"secrets: must not have {file}, which {SET_BY[file]} sets"
