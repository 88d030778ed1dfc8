"""The description of a process that the supervisor keeps running, and checks for its ports."""

import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Part:
    """One process of the local cloud."""

    name: str
    argv: list[str]
    """The command; it must not contain secrets, because every user of the machine can read it."""
    ready: Callable[[], bool]
    """Returns whether the part is ready now; called repeatedly, so it must be cheap and must not raise."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that are added to those of the supervisor."""
    after: tuple[str, ...] = ()
    """Parts that must be ready before this one starts; they are stopped after it."""
    uses: tuple[str, ...] = ()
    """Further parts that are stopped after this one; this part itself waits for them when it starts."""
    stop_signal: int = signal.SIGTERM
    discard_signal: int = signal.SIGKILL
    """Signal that is sent instead of `stop_signal` if the data will be deleted and need not be saved."""
    is_stopping: Callable[[], bool] | None = None
    """Returns whether a ready part was asked to stop by another process and now waits for its clients.

    The part is then stopped and started again. The check must be cheap and must not raise. None: not checked.
    """


def listens(port: int, host: str = "127.0.0.1") -> Callable[[], bool]:
    """Return a readiness check that succeeds if the port accepts connections."""
    return lambda: _connect(host, port) is None


def refuses(port: int, host: str = "127.0.0.1") -> Callable[[], bool]:
    """Return a check for `is_stopping` that succeeds if the port refuses connections; a timeout means a busy part."""
    return lambda: isinstance(_connect(host, port), ConnectionRefusedError)


def _connect(host: str, port: int) -> OSError | None:
    """Try to connect; return the error, or None if the port accepts connections."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return None
    except OSError as error:
        return error
