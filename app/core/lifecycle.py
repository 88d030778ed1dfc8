"""Where the process is between its start and its end."""

from time import monotonic


class Lifecycle:
    """Shared by the server, which starts the drain, and by what behaves differently during it."""

    def __init__(self) -> None:
        self.started_at = monotonic()
        self._draining_since: float | None = None

    def start_draining(self) -> None:
        """Begin to refuse readiness; only sets a value, so a signal handler may call it."""
        if self._draining_since is None:
            self._draining_since = monotonic()

    @property
    def draining(self) -> bool:
        """True from the first SIGTERM on."""
        return self._draining_since is not None

    def drained(self, drain_seconds: float) -> bool:
        """Return whether the drain has lasted that long."""
        return self._draining_since is not None and monotonic() - self._draining_since >= drain_seconds

    @property
    def uptime_seconds(self) -> float:
        """Seconds since the process was set up."""
        return monotonic() - self.started_at
