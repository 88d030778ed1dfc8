"""How far an object is on its way to being ready."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ready:
    """It is."""


@dataclass(frozen=True)
class Waiting:
    """It is not yet; `reason` is shown meanwhile."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """It will not be without a change."""

    reason: str


Verdict = Ready | Waiting | Failed
