"""Changes of a stack's settings for a local cloud, which lacks the resources outside of the stack."""

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

    Its account id replaces that of the stack, also in ARNs. Security groups outside of the stack are removed.
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
    """Yield a message for each change of `localized`."""
    account = config.get(ACCOUNT)
    if account is not None and as_text(account) != ACCOUNT_ID:
        yield f"account {ACCOUNT_ID} replaces {as_text(account)}"
    if groups := _groups(config):
        yield (
            f"cluster.{GROUPS} is ignored here: {', '.join(map(str, groups))} exist only on AWS; "
            "there they may reach the API server, so ignore the warning that nothing may reach it"
        )


def _groups(config: Mapping[str, Any]) -> list[Any]:
    found = _object(config.get(CLUSTER)).get(GROUPS)
    return found if isinstance(found, list) else []


def _object(value: Any) -> dict[str, Any]:
    """Return an object that may be given as JSON text, as `pulumi config set` writes it."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
