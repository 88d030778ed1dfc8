"""Which actions roles have used, so that a policy can be held against them."""

import threading
from collections import defaultdict
from collections.abc import Iterable


class Uses:
    """The actions that were allowed since the account's part was started, by the ARN of the role."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._actions: defaultdict[str, set[str]] = defaultdict(set)

    def note(self, role: str, actions: Iterable[str]) -> None:
        """Add the actions of an allowed request, such as `ec2:CreateVpc`."""
        with self._lock:
            self._actions[role].update(actions)

    def told(self) -> dict[str, list[str]]:
        """Role -> its actions, in their order."""
        with self._lock:
            return {role: sorted(actions) for role, actions in self._actions.items()}
