"""End the processes of a command with it, and those of a killed command before the next one starts.

A command holds the lock of its state folder. The processes that it starts have that lock in their environment (see
localcloud/ownership.py) and put their temporary files below that folder.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

from infra.engine.places import STATE
from infra.errors import OperationError
from localcloud import control, locks, ownership
from localcloud.files import make_private

COMMAND_LOCK = "command.lock"
GATE = "throw-away.lock"
# An engine without its command finishes the running operations and writes its state.
ENGINE_SECONDS = 30
ENGINE = "pulumi"
# Processes that end with their parent, such as the policy pack, have ended by then.
END_TIMEOUT_SECONDS = 2


@contextmanager
def command_lock(state: Path, say: Callable[[str], None] | None = None) -> Iterator[None]:
    """Allow one command at a time on a state folder, and end what an earlier one left running.

    Args:
        state: the folder; created if missing.
        say: receives a message while waiting.

    Raises:
        OperationError: another command is running.
        CloudError: processes of an earlier command do not end.
    """
    make_private(state)
    lock = locks.take(state / COMMAND_LOCK)
    if lock is None:
        raise OperationError(
            f"another drydock command (pid {locks.holder(state / COMMAND_LOCK) or 'unknown'}) uses {state.name}; "
            "wait until it ends"
        )
    with lock:
        _end_left_over(state, ownership.ended_or_mine, say)
        with _marked(lock.path, state / "tmp"):
            try:
                yield
            finally:
                ownership.end_left_over(state, ownership.ended_or_mine, timeout=END_TIMEOUT_SECONDS)


@contextmanager
def throw_away(purpose: str, stack: str) -> Iterator[Path]:
    """Create a locked temporary folder, which is deleted afterwards with the local cloud in it.

    Raises:
        CloudError: a left-over local cloud does not stop.
    """
    make_private(STATE)
    state = STATE / f"{purpose}-{stack}-{os.getpid()}"
    with ExitStack() as held:
        with locks.wait_for(STATE / GATE):
            _clear()
            held.enter_context(command_lock(state))
        try:
            yield state
        finally:
            control.remove(state)


def clear_left_overs() -> None:
    """Remove what killed commands left in this checkout, except the state of the stack `local`.

    Raises:
        CloudError: a process does not end.
    """
    if STATE.exists():
        with locks.wait_for(STATE / GATE):
            _clear()


def _clear() -> None:
    """Clear under the gate, so that no other process creates a folder whose lock is not held yet."""
    for pattern in ("preview-*-*", "rehearse-*-*", f"{control.REMOVED}*"):
        for folder in STATE.glob(pattern):
            if locks.holder(folder / COMMAND_LOCK) is None:
                control.remove(folder)
    _end_left_over(STATE, _is_over)


def _is_over(lock: Path) -> bool:
    """Return whether no command uses the state folder: a supervisor that it starts may not have its lock yet."""
    return ownership.ended(lock) and ownership.ended(lock.with_name(COMMAND_LOCK))


def _end_left_over(folder: Path, is_over: Callable[[Path], bool], say: Callable[[str], None] | None = None) -> None:
    """Give engines time to write their state, and end the other processes."""
    for process in ownership.left_over(folder, is_over):
        with suppress(psutil.Error):
            if process.name() == ENGINE:
                if say:
                    say(f"waiting for a Pulumi engine (pid {process.pid}) whose command has ended")
                process.wait(ENGINE_SECONDS)
    ownership.end_left_over(folder, is_over, timeout=END_TIMEOUT_SECONDS)


@contextmanager
def _marked(lock: Path, temporary: Path) -> Iterator[None]:
    """Set the lock and the temporary folder in the environment of child processes."""
    shutil.rmtree(temporary, ignore_errors=True)
    make_private(temporary)
    before = {name: os.environ.get(name) for name in (ownership.OWNER, "TMPDIR")}
    os.environ |= {**ownership.mark(lock), "TMPDIR": str(temporary)}
    tempfile.tempdir = None
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        tempfile.tempdir = None
        shutil.rmtree(temporary, ignore_errors=True)
