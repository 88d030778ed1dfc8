"""Records the actions that roles have used, for comparison with their policies."""

import threading
from collections import defaultdict
from collections.abc import Iterable


class Uses:
    """The allowed actions since the account's process started, by the ARN of the role."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._actions: defaultdict[str, set[str]] = defaultdict(set)

    def note(self, role: str, actions: Iterable[str]) -> None:
        """Record the actions of an allowed request, such as `ec2:CreateVpc`."""
        with self._lock:
            self._actions[role].update(actions)

    def told(self) -> dict[str, list[str]]:
        """Return the sorted actions of each role."""
        with self._lock:
            return {role: sorted(actions) for role, actions in self._actions.items()}
