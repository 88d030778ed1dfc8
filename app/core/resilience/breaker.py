"""A circuit breaker: after consecutive failures, calls are refused until a probe call succeeds."""

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
"""Called with the breaker, its previous state and its new state."""


class BreakerOpenError(Exception):
    """The call was not made, because earlier calls failed."""

    def __init__(self, name: str, retry_after_seconds: float) -> None:
        super().__init__(f"the circuit breaker of {name} is open for another {retry_after_seconds:.1f} s")
        self.name = name
        self.retry_after_seconds = retry_after_seconds
        """Seconds until a probe call is allowed; 0 while one is under way."""


class Breaker:
    """Closed: calls are made. Open: none is. Half-open: one probe call is made, and its outcome decides.

    For one event loop, so it needs no lock. After `allow()` the caller must call `succeeded()` or `failed()`, or
    `gave_up()` if the call was the probe and has no outcome; `call()` does so.
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
        self._failures = 0  # consecutive
        self._opened_count = 0
        self._opened_at = 0.0
        self._probe_since: float | None = None
        self._last_changed: datetime | None = None

    @property
    def state(self) -> State:
        """The current state; an open breaker becomes half-open with the probe call."""
        return self._state

    @property
    def closed(self) -> bool:
        """True while every call is allowed."""
        return self._state == "closed"

    def allow(self) -> bool:
        """Allow a call; return whether it is the probe. Raises BreakerOpenError if it must not be made."""
        if self._state == "closed":
            return False
        now = self._clock()
        wait = self._opened_at + self._recovery_seconds - now
        if self._state == "open" and wait > 0:
            raise BreakerOpenError(self.name, wait)
        # A probe without an outcome for so long is lost. Without this limit, the breaker would never close again.
        probing = self._probe_since is not None and now - self._probe_since < self._probe_timeout
        if self._state == "half-open" and probing:
            raise BreakerOpenError(self.name, 0)
        self._probe_since = now
        self._change("half-open")
        return True

    def succeeded(self) -> None:
        """Record a successful call: the breaker closes."""
        self._failures = 0
        self._probe_since = None
        self._change("closed")

    def failed(self) -> None:
        """Record a failed call."""
        self._failures += 1
        self._probe_since = None
        # A late failure of an earlier call does not extend the time that the breaker stays open.
        if self._state == "half-open" or (self._state == "closed" and self._failures >= self._failure_threshold):
            self._opened_at = self._clock()
            self._opened_count += 1
            self._change("open")

    def gave_up(self) -> None:
        """Record a probe without an outcome, such as a cancelled one; the next call is the probe."""
        self._probe_since = None

    @asynccontextmanager
    async def call(self, counts: tuple[type[BaseException], ...] = (Exception,)) -> AsyncIterator[None]:
        """Protect the block: exceptions in `counts` are failures; any other outcome is a success.

        Raises BreakerOpenError, without running the block, if the breaker is open.
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
        """Return the state for dashboards, ready for JSON."""
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
    def _probe_timeout(self) -> float:
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
    """The breakers of this process, in the order of their creation; all have the same thresholds."""

    def __init__(self, settings: ReliabilitySettings, clock: Callable[[], float] = monotonic) -> None:
        self.on_change: list[OnChange] = []
        """Called when the state of any breaker changes."""
        self._settings = settings
        self._clock = clock
        self._all: dict[str, Breaker] = {}

    def new(self, name: str) -> Breaker:
        """Create the breaker of a dependency. Raises ValueError if there is one of this name."""
        if name in self._all:
            raise ValueError(f"a breaker named {name} exists already")
        breaker = Breaker(
            name, self._settings.breaker_failure_threshold, self._settings.breaker_recovery_seconds, self._clock
        )
        breaker.on_change.append(self._changed)
        self._all[name] = breaker
        return breaker

    def all(self) -> list[Breaker]:
        """Return every breaker."""
        return list(self._all.values())

    def _changed(self, breaker: Breaker, before: State, after: State) -> None:
        write = log.warning if after == "open" else log.info
        write("breaker", name=breaker.name, before=before, state=after, failures=breaker.describe()["failures"])
        for callback in self.on_change:
            callback(breaker, before, after)
