"""The faults that are injected; each expires automatically."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any


@dataclass(frozen=True, kw_only=True)
class _Fault:
    value: Any
    share: float
    until: float


class Faults:
    """Injected faults, each with its share of requests and its expiry."""

    def __init__(self, clock: Callable[[], float] = monotonic, draw: Callable[[], float] = random.random) -> None:
        self._clock = clock
        self._draw = draw
        self._active: dict[str, _Fault] = {}

    def set_ready(self, ready: bool, seconds: float) -> None:
        """Fail readiness for `seconds`, or stop failing it."""
        self._active.pop("readiness", None)
        if not ready:
            self._set("readiness", False, 1.0, seconds)

    def set_delay(self, milliseconds: int, share: float, seconds: float) -> None:
        """Delay a share of requests before they are served."""
        self._set("delay", milliseconds, share, seconds)

    def set_status(self, status: int, share: float, seconds: float) -> None:
        """Return this status for a share of requests, without serving them."""
        self._set("status", status, share, seconds)

    def clear(self) -> None:
        """End all faults."""
        self._active.clear()

    @property
    def any(self) -> bool:
        """True if there may be a fault; cheap, because every request checks it."""
        return bool(self._active)

    @property
    def ready(self) -> bool:
        """False while readiness is to fail."""
        return self._current("readiness") is None

    def delay_seconds(self) -> float:
        """Return the delay of this request; 0 for none."""
        fault = self._hit("delay")
        return fault.value / 1000 if fault else 0.0

    def status(self) -> int | None:
        """Return the status for this request; None: serve it."""
        fault = self._hit("status")
        return int(fault.value) if fault else None

    def describe(self) -> dict[str, Any]:
        """Return the injected faults, ready for JSON."""
        return {
            "ready": self.ready,
            "ready_again_in_seconds": self._left(self._current("readiness")),
            "delay": self._described("delay", "milliseconds"),
            "status": self._described("status", "status"),
        }

    def _set(self, name: str, value: Any, share: float, seconds: float) -> None:
        self._active[name] = _Fault(value=value, share=share, until=self._clock() + seconds)

    def _current(self, name: str) -> _Fault | None:
        fault = self._active.get(name)
        if fault is not None and self._clock() >= fault.until:
            del self._active[name]
            return None
        return fault

    def _hit(self, name: str) -> _Fault | None:
        fault = self._current(name)
        return fault if fault is not None and self._draw() < fault.share else None

    def _left(self, fault: _Fault | None) -> float | None:
        return round(fault.until - self._clock(), 1) if fault else None

    def _described(self, name: str, label: str) -> dict[str, Any] | None:
        fault = self._current(name)
        return {label: fault.value, "share": fault.share, "seconds_left": self._left(fault)} if fault else None
