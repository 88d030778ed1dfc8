"""What a command starts ends with it; what a killed one left ends before the next one begins.

A command holds the lock of its state folder. What it starts knows that lock by its environment (see
localcloud/ownership.py) and puts its temporary files below that folder.
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
# An engine that has lost its command finishes what is under way and writes its state.
ENGINE_SECONDS = 30
ENGINE = "pulumi"
# What ends by itself when its parent does, such as the policy pack's process, has ended by then.
END_TIMEOUT_SECONDS = 2


@contextmanager
def command_lock(state: Path, say: Callable[[str], None] | None = None) -> Iterator[None]:
    """One command at a time on a state folder, without anything that an earlier one left running.

    Args:
        state: the folder; made where it is not there.
        say: told what is waited for.

    Raises:
        OperationError: another command is at work.
        CloudError: what an earlier command left does not end.
    """
    make_private(state)
    lock = locks.take(state / COMMAND_LOCK)
    if lock is None:
        raise OperationError(
            f"another drydock command (pid {locks.holder(state / COMMAND_LOCK) or 'unknown'}) works on {state.name}; "
            "wait until it is done"
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
    """A locked folder of this process's own, which is gone afterwards with the local cloud in it.

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
    """End and remove what killed commands left in this checkout, but for the state of the stack `local`.

    Raises:
        CloudError: something does not end.
    """
    if STATE.exists():
        with locks.wait_for(STATE / GATE):
            _clear()


def _clear() -> None:
    """Under the gate: nobody makes a folder meanwhile whose lock is not held yet."""
    for pattern in ("preview-*-*", "rehearse-*-*", f"{control.REMOVED}*"):
        for folder in STATE.glob(pattern):
            if locks.holder(folder / COMMAND_LOCK) is None:
                control.remove(folder)
    _end_left_over(STATE, _is_over)


def _is_over(lock: Path) -> bool:
    """Not where a command works on the same state folder: a supervisor that it starts has yet to take its lock."""
    return ownership.ended(lock) and ownership.ended(lock.with_name(COMMAND_LOCK))


def _end_left_over(folder: Path, is_over: Callable[[Path], bool], say: Callable[[str], None] | None = None) -> None:
    """Give engines the time to write their state, and end the rest."""
    for process in ownership.left_over(folder, is_over):
        with suppress(psutil.Error):
            if process.name() == ENGINE:
                if say:
                    say(f"waiting for a Pulumi engine (pid {process.pid}) that has lost its command")
                process.wait(ENGINE_SECONDS)
    ownership.end_left_over(folder, is_over, timeout=END_TIMEOUT_SECONDS)


@contextmanager
def _marked(lock: Path, temporary: Path) -> Iterator[None]:
    """Have what this process starts name the lock, and put temporary files where they go with the state folder."""
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
