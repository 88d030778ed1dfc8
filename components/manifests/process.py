"""The processes of a workload: their commands and probes."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Probes:
    """HTTP paths of the probes. A status from 200 to 399 is a success."""

    startup: str
    """Startup probe. The other probes start after it succeeds."""
    readiness: str
    """Readiness probe."""
    liveness: str
    """Liveness probe. A process that fails it is restarted."""


@dataclass(frozen=True, kw_only=True)
class Process:
    """A process of an image."""

    command: Sequence[str] = ()
    """Program with its arguments, instead of the image's ENTRYPOINT and CMD."""
    args: Sequence[str] = ()
    """Arguments, instead of the image's CMD."""
    probes: Probes | None = None
    """None: the kubelet only checks that the process runs."""
