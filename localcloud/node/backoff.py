"""How long a crashing container waits, as the kubelet has it."""

FIRST_SECONDS = 10.0
LONGEST_SECONDS = 300.0
# A container that ran this long starts its back-off again.
RESET_SECONDS = 600.0


class CrashBackoff:
    """The first restart is immediate; then 10 s, doubling up to 300 s."""

    def __init__(self) -> None:
        self._next = 0.0

    def after(self, ran_seconds: float) -> float:
        """Seconds to wait after a container that ran this long has ended."""
        if ran_seconds >= RESET_SECONDS:
            self._next = 0.0
        delay = self._next
        self._next = min(max(delay * 2, FIRST_SECONDS), LONGEST_SECONDS)
        return delay


def restarts(policy: str, exit_code: int) -> bool:
    """Return whether a pod's restartPolicy starts a container again."""
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)
