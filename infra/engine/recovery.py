"""Recovery from killed processes: locks, incomplete state files, operations whose part of the local cloud ended."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from infra.engine import checkpoint, unanswered
from infra.errors import CorruptStateError, EndedPartError, FailedOperationError, OperationError
from localcloud import control

ENGINE_END_SECONDS = 30


def release_stale_locks(state: Path) -> int:
    """Remove the locks of ended engines, wait for engines that are ending, and return the number of locks.

    This process holds the command lock, so a running engine has lost its command and ends automatically.
    """
    removed = 0
    for lock in (state / checkpoint.BACKEND / ".pulumi" / "locks").rglob("*.json"):
        try:
            engine = _engine(int(json.loads(lock.read_text())["pid"]), state)
        except (ValueError, KeyError, FileNotFoundError):
            engine = None
        if engine:
            try:
                engine.wait(ENGINE_END_SECONDS)
            except psutil.TimeoutExpired:
                raise OperationError(
                    f"a Pulumi engine (pid {engine.pid}) is still running on {state.name}; wait until it ends"
                ) from None
        lock.unlink(missing_ok=True)
        removed += 1
    return removed


def _engine(pid: int, state: Path) -> psutil.Process | None:
    """Return the engine that holds a lock of this folder; another process may have its pid by now."""
    try:
        process = psutil.Process(pid)
        if process.name() == "pulumi" and Path(process.cwd()).is_relative_to(state):
            return process
    except psutil.Error:
        pass
    return None


def require_sound_state(state: Path, stack: str) -> None:
    """Check that the state file is valid.

    Raises:
        CorruptStateError: it is not; the message says how to restore the last good one.
    """
    path = checkpoint.path(state, stack)
    try:
        record = json.loads(path.read_text())
        problem = "" if isinstance(record, dict) and "checkpoint" in record else "it holds no checkpoint"
    except FileNotFoundError:
        return
    except ValueError as error:
        problem = str(error)
    if problem:
        backup = path.with_name(f"{path.name}.bak")
        remedy = f"restore the engine's last backup: cp {backup} {path}" if backup.exists() else "it has no backup"
        raise CorruptStateError(
            f"the state file {path} is corrupt ({problem}); {remedy}; "
            f"or delete the stack with its data: drydock down {stack}"
        )


@contextmanager
def naming_ended_parts(state: Path) -> Iterator[None]:
    """Add the parts of the local cloud that ended meanwhile to the error of a failed operation.

    Raises:
        EndedPartError: parts ended, so the operation should be retried.
    """
    before = {part.name: part.restarts for part in control.status(state)}
    try:
        yield
    except OperationError as error:
        # A part that is stopping has not been restarted yet.
        now = {part.name: part.restarts for part in control.status(state) if part.ready}
        ended = [name for name, restarts in before.items() if now.get(name) != restarts]
        if not ended:
            raise
        if isinstance(error, FailedOperationError):
            unanswered.store(state, unanswered.failed_operations(error.events))
        raise EndedPartError(f"{error}\n  {', '.join(ended)} of the local cloud ended meanwhile") from error
