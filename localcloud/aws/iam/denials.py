"""What was denied, each once with a count, as long as it still would be."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)

MOST = 200
"""Entries kept; what is denied beyond is counted only."""


@dataclass(frozen=True, kw_only=True)
class Denial:
    """Something that a role may not do."""

    role: str
    """ARN."""
    action: str
    resource: str
    reason: str
    """As AWS ends its message."""
    service_account: str = ""
    """`namespace/name` of the pod that asked; empty for others."""
    unknown: tuple[str, ...] = ()
    """Operators, keys and resources of policies that the local account cannot evaluate."""


class Denials:
    """The denials of an account since its part was started. Bounded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, ...], dict[str, Any]] = {}
        self._dropped = 0

    def note(self, denial: Denial, still: Callable[[], bool]) -> None:
        """Count a denial; `still` tells later whether the same would be denied then."""
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
        """`denials`, each with `count` and the time `last` (seconds since the epoch), and how many were `dropped`."""
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
