"""The processes of a workload: how each one starts, and how Kubernetes asks whether it is well."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Probes:
    """HTTP paths that the kubelet asks for. Each answers 200 to 399 when all is well."""

    startup: str
    """Whether it has started. Nothing else is asked before that."""
    readiness: str
    """Whether it takes requests."""
    liveness: str
    """Whether it runs. A process that does not answer is restarted."""


@dataclass(frozen=True, kw_only=True)
class Process:
    """A process of an image."""

    command: Sequence[str] = ()
    """Program with its arguments, in place of the image's ENTRYPOINT and CMD."""
    args: Sequence[str] = ()
    """Arguments, in place of the image's CMD."""
    probes: Probes | None = None
    """None: the kubelet sees only whether the process runs."""
