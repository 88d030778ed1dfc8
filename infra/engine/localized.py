"""What a local cloud changes in the settings of a stack on AWS: what they name outside of the stack is not here."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.cloud import ACCOUNT_ID
from stacks.settings import as_text

ACCOUNT = "drydock:accountId"
CLUSTER = "drydock:cluster"
GROUPS = "privateAccessSecurityGroups"


def localized(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration for the emulated account.

    It stands in for the account of the stack, in every ARN too. Security groups outside of the stack are left out.
    """
    account = config.get(ACCOUNT)
    text = json.dumps(config)
    if account is not None and re.fullmatch("[0-9]{12}", as_text(account)):
        text = re.sub(rf"(?<![0-9]){as_text(account)}(?![0-9])", ACCOUNT_ID, text)
    found: dict[str, Any] = json.loads(text)
    if _groups(found):
        found[CLUSTER] = {key: value for key, value in _object(found[CLUSTER]).items() if key != GROUPS}
    return found


def differences(config: Mapping[str, Any]) -> Iterator[str]:
    """Say what `localized` changes, for the reader."""
    account = config.get(ACCOUNT)
    if account is not None and as_text(account) != ACCOUNT_ID:
        yield f"account {ACCOUNT_ID} stands in for {as_text(account)}"
    if groups := _groups(config):
        yield f"cluster.{GROUPS} is left out: {', '.join(map(str, groups))} exist on AWS only"


def _groups(config: Mapping[str, Any]) -> list[Any]:
    found = _object(config.get(CLUSTER)).get(GROUPS)
    return found if isinstance(found, list) else []


def _object(value: Any) -> dict[str, Any]:
    """An object, which may be its JSON text, as `pulumi config set` writes it."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
