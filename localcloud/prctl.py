"""The one thing that Linux offers and Python does not wrap: a child that ends with its parent."""

import ctypes
import signal

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None)


def die_with_parent() -> None:
    """Between fork and exec: have the kernel kill this process when the thread that started it is gone."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
