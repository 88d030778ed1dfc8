"""What the supervisor knows of a process that it keeps running."""

import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Part:
    """One process of the local cloud."""

    name: str
    argv: list[str]
    """The command; never holds a secret, since every user of the machine can read it."""
    ready: Callable[[], bool]
    """Whether it answers now; cheap, called again and again, raises nothing."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to the supervisor's own environment."""
    after: tuple[str, ...] = ()
    """Parts that must be ready before this one starts; they are stopped after it."""
    uses: tuple[str, ...] = ()
    """Further parts that are stopped after this one, which waits for them itself."""
    stop_signal: int = signal.SIGTERM
    discard_signal: int = signal.SIGKILL
    """Sent instead where the data is deleted next, so nothing has to be saved."""
    is_stopping: Callable[[], bool] | None = None
    """Whether a ready part was asked to stop by another process and now waits for its clients; it is then stopped and
    started again. Cheap, raises nothing. None: not checked."""


def listens(port: int, host: str = "127.0.0.1") -> Callable[[], bool]:
    """Return a readiness check: something accepts connections on the port."""
    return lambda: _connect(host, port) is None


def refuses(port: int, host: str = "127.0.0.1") -> Callable[[], bool]:
    """A check for `is_stopping`: nothing listens on the port any more. A timeout only means that the part is busy."""
    return lambda: isinstance(_connect(host, port), ConnectionRefusedError)


def _connect(host: str, port: int) -> OSError | None:
    """Try to connect; the error, or None where the port accepts connections."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return None
    except OSError as error:
        return error
