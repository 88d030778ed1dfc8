"""The lifecycle of the process: its start time, and whether it is draining."""

from time import monotonic


class Lifecycle:
    """Shared by the server, which starts the drain, and the code that behaves differently during it."""

    def __init__(self) -> None:
        self.started_at = monotonic()
        self._draining_since: float | None = None

    def start_draining(self) -> None:
        """Start the drain; readiness fails from now on. It only sets a value, so a signal handler may call it."""
        if self._draining_since is None:
            self._draining_since = monotonic()

    @property
    def draining(self) -> bool:
        """True after the first SIGTERM."""
        return self._draining_since is not None

    def drained(self, drain_seconds: float) -> bool:
        """Return whether the drain has lasted `drain_seconds`."""
        return self._draining_since is not None and monotonic() - self._draining_since >= drain_seconds

    @property
    def uptime_seconds(self) -> float:
        """Seconds since the process started."""
        return monotonic() - self.started_at
