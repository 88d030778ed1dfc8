"""Prepares a process before its program runs, without code between fork and exec.

`preexec_fn` of subprocess forks the whole test process. If another test uses gRPC in it, the handlers of gRPC can abort
the child process, which then ends with SIGABRT and an empty output.
"""

import sys
from collections.abc import Sequence
from pathlib import Path


def prepared(code: str, command: Sequence[str | Path]) -> list[str]:
    """Return a command that runs Python code, and then replaces itself with the given command."""
    program = f"import os, sys; {code}; os.execv(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-c", program, *map(str, command)]
