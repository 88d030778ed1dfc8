"""A circuit breaker: after failures in a row, calls are refused at once until one has shown that it works again."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Literal

import structlog

from app.settings.reliability import ReliabilitySettings

log = structlog.get_logger()

State = Literal["closed", "open", "half-open"]
OnChange = Callable[["Breaker", State, State], None]
"""Called with the breaker, the state it left and the state it is in now."""


class BreakerOpenError(Exception):
    """The call was not made, because the calls before it failed."""

    def __init__(self, name: str, retry_after_seconds: float) -> None:
        super().__init__(f"the circuit breaker of {name} is open for another {retry_after_seconds:.1f} s")
        self.name = name
        self.retry_after_seconds = retry_after_seconds
        """Seconds until a call is tried again; 0 while one is being tried."""


class Breaker:
    """Closed: calls go through. Open: none does. Half-open: one does, and its outcome decides.

    Plain calls on one event loop: no lock, and nothing to await. Who calls `allow()` must then call `succeeded()` or
    `failed()`, or `gave_up()` if the call was the probe and says nothing; `call()` does so.
    """

    def __init__(
        self,
        name: str,
        failure_threshold: int = 5,
        recovery_seconds: float = 2.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.name = name
        self.on_change: list[OnChange] = []
        self._failure_threshold = failure_threshold
        self._recovery_seconds = recovery_seconds
        self._clock = clock
        self._state: State = "closed"
        self._failures = 0  # in a row
        self._opened_count = 0
        self._opened_at = 0.0
        self._probe_since: float | None = None
        self._last_changed: datetime | None = None

    @property
    def state(self) -> State:
        """The state now; an open breaker becomes half-open by the first call that it lets through."""
        return self._state

    @property
    def closed(self) -> bool:
        """True while every call goes through."""
        return self._state == "closed"

    def allow(self) -> bool:
        """Let a call through; return whether it is the probe. Raises BreakerOpenError if it must not be made."""
        if self._state == "closed":
            return False
        now = self._clock()
        wait = self._opened_at + self._recovery_seconds - now
        if self._state == "open" and wait > 0:
            raise BreakerOpenError(self.name, wait)
        # A probe of which nothing was heard for so long was lost: without this, one lost call would close us for good.
        probing = self._probe_since is not None and now - self._probe_since < self._patience
        if self._state == "half-open" and probing:
            raise BreakerOpenError(self.name, 0)
        self._probe_since = now
        self._change("half-open")
        return True

    def succeeded(self) -> None:
        """Note a call that worked: the breaker closes, whatever it was."""
        self._failures = 0
        self._probe_since = None
        self._change("closed")

    def failed(self) -> None:
        """Note a call that did not work."""
        self._failures += 1
        self._probe_since = None
        # A late failure of a call from before does not prolong the time that an open breaker waits.
        if self._state == "half-open" or (self._state == "closed" and self._failures >= self._failure_threshold):
            self._opened_at = self._clock()
            self._opened_count += 1
            self._change("open")

    def gave_up(self) -> None:
        """Note a probe that says nothing, such as a cancelled one; the next call probes."""
        self._probe_since = None

    @asynccontextmanager
    async def call(self, counts: tuple[type[BaseException], ...] = (Exception,)) -> AsyncIterator[None]:
        """Guard the block: exceptions in `counts` are failures, other exceptions are answers, and so successes.

        Raises BreakerOpenError at once, without running the block, if the breaker is open.
        """
        probing = self.allow()
        try:
            yield
        except counts:
            self.failed()
            raise
        except Exception:
            self.succeeded()
            raise
        except BaseException:
            if probing:
                self.gave_up()
            raise
        self.succeeded()

    def describe(self) -> dict[str, Any]:
        """Return what people and dashboards want to know, ready for JSON."""
        wait = self._opened_at + self._recovery_seconds - self._clock() if self._state == "open" else 0.0
        return {
            "name": self.name,
            "state": self._state,
            "failures": self._failures,
            "opened_count": self._opened_count,
            "last_changed": self._last_changed.isoformat() if self._last_changed else None,
            "retry_after_seconds": round(max(wait, 0.0), 3),
        }

    @property
    def _patience(self) -> float:
        return max(self._recovery_seconds, 30.0)

    def _change(self, state: State) -> None:
        before = self._state
        if before == state:
            return
        self._state = state
        self._last_changed = datetime.now(UTC)
        for callback in self.on_change:
            callback(self, before, state)


class Breakers:
    """The breakers of this process, in the order they were made; all have the same thresholds."""

    def __init__(self, settings: ReliabilitySettings, clock: Callable[[], float] = monotonic) -> None:
        self.on_change: list[OnChange] = []
        """Called for every breaker made after it was added here, and for those made before."""
        self._settings = settings
        self._clock = clock
        self._all: dict[str, Breaker] = {}

    def new(self, name: str) -> Breaker:
        """Make the breaker of a dependency. Raises ValueError if there is one of this name."""
        if name in self._all:
            raise ValueError(f"there is a breaker {name} already")
        breaker = Breaker(
            name, self._settings.breaker_failure_threshold, self._settings.breaker_recovery_seconds, self._clock
        )
        breaker.on_change.append(self._tell)
        self._all[name] = breaker
        return breaker

    def all(self) -> list[Breaker]:
        """Return every breaker."""
        return list(self._all.values())

    def _tell(self, breaker: Breaker, before: State, after: State) -> None:
        write = log.warning if after == "open" else log.info
        write("breaker", name=breaker.name, before=before, state=after, failures=breaker.describe()["failures"])
        for callback in self.on_change:
            callback(breaker, before, after)
