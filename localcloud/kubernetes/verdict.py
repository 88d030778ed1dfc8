"""The results of a readiness check of an object."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ready:
    """The object is ready."""


@dataclass(frozen=True)
class Waiting:
    """The object is not ready yet; `reason` is shown during the wait."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """The object cannot become ready without a change."""

    reason: str


Verdict = Ready | Waiting | Failed
