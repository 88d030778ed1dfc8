"""Records denied requests, each once with a count, until the policies allow them."""

import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)

_ANY = re.compile(r"\barn:\S*[/:]\*(?=\s|$)")
_ANY_NAME = (
    "; the * stands for a name that the request does not have or the local cloud does not find in it "
    "(localcloud/aws/iam/references.py)"
)
MOST = 200
"""Maximum number of recorded entries. Further denials are only counted."""


def about_any_name(text: str) -> str:
    """Return what the `*` at the end of an ARN in a text stands for, after a semicolon; "" without such an ARN."""
    return _ANY_NAME if _ANY.search(text) else ""


@dataclass(frozen=True, kw_only=True)
class Denial:
    """A denied action of a role."""

    role: str
    """ARN of the role."""
    action: str
    resource: str
    reason: str
    """The end of AWS's message."""
    service_account: str = ""
    """`namespace/name` of the service account of the calling pod. Empty for other callers."""
    unknown: tuple[str, ...] = ()
    """Operators, keys and resources in policies that the local account cannot evaluate."""


class Denials:
    """The denials of an account since its process started. The number of entries is limited."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, ...], dict[str, Any]] = {}
        self._dropped = 0

    def note(self, denial: Denial, still: Callable[[], bool]) -> None:
        """Record a denial.

        Args:
            denial: what was denied.
            still: called later, returns whether the same request would still be denied.
        """
        key = (denial.role, denial.action, denial.resource, denial.service_account)
        with self._lock:
            known = self._entries.get(key)
            if known is None and len(self._entries) >= MOST:
                self._dropped += 1
                return
            count = known["count"] + 1 if known else 1
            self._entries[key] = {"denial": denial, "count": count, "last": time.time(), "still": still}
        if count == 1:
            log.warning("denied: %s", _line(denial))

    def told(self) -> dict[str, Any]:
        """Return the current denials as a JSON object, and forget those that would now be allowed.

        Returns:
            `denials`, each with its `count` and the time `last` in seconds since the epoch, and the number `dropped`.
        """
        with self._lock:
            entries = list(self._entries.items())
        gone = [key for key, entry in entries if not entry["still"]()]
        with self._lock:
            for key in gone:
                self._entries.pop(key, None)
            return {
                "denials": [
                    {**vars(entry["denial"]), "count": entry["count"], "last": entry["last"]}
                    for entry in self._entries.values()
                ],
                "dropped": self._dropped,
            }


def _line(denial: Denial) -> str:
    who = f" (ServiceAccount {denial.service_account})" if denial.service_account else ""
    unknown = f"; not evaluated here: {', '.join(denial.unknown)}" if denial.unknown else ""
    return f"{denial.role}{who} {denial.action} on {denial.resource} {denial.reason}{unknown}"
