"""The names that an environment may have."""

import re

from stacks.settings.model import printable
from stacks.settings.parse import SettingsError

LOCAL = "local"
"""The environment that `drydock up` deploys to a local cloud."""
# `drydock rehearse bootstrap` rehearses the program of the account.
RESERVED = {"bootstrap": "the program of an account, which `drydock rehearse bootstrap` rehearses"}
MAX_LENGTH = 30  # the service's own limit; RDS and EKS accept more


def require_name(name: str) -> None:
    """Check the name of an environment, such as `prod`, which is part of the names of its AWS resources.

    RDS accepts no upper case and no `--` in an identifier:
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html. Raises SettingsError.
    """
    if not re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", name) or "--" in name or len(name) > MAX_LENGTH:
        raise SettingsError(
            f"{printable(name)}: not a valid name of an environment; use lower case letters, digits and single "
            f"hyphens, beginning with a letter, not ending with a hyphen, at most {MAX_LENGTH} characters"
        )
    if name in RESERVED:
        raise SettingsError(f"{name}: not a valid name of an environment: it means {RESERVED[name]}; use another one")
