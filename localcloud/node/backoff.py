"""The delay before a crashed container is restarted, as in the kubelet."""

FIRST_SECONDS = 10.0
LONGEST_SECONDS = 300.0
# The back-off is reset after a run that lasted this long.
RESET_SECONDS = 600.0


class CrashBackoff:
    """The restart delay of one container: none for the first restart, then 10 s, doubling up to 300 s."""

    def __init__(self) -> None:
        self._next = 0.0

    def after(self, ran_seconds: float) -> float:
        """Return the seconds to wait before the next restart, given how long the last run lasted."""
        if ran_seconds >= RESET_SECONDS:
            self._next = 0.0
        delay = self._next
        self._next = min(max(delay * 2, FIRST_SECONDS), LONGEST_SECONDS)
        return delay


def restarts(policy: str, exit_code: int) -> bool:
    """Return whether a container with this restartPolicy is restarted after this exit code."""
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)
