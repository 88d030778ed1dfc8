"""One local process and its descendants: a container or an exec probe. See `shim` for how descendants are tracked."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from localcloud import prctl
from localcloud.node import shim

KILLED = 137  # the exit code of a container runtime: 128 + SIGKILL
POLL_SECONDS = 0.01
REPORT_BYTES = 4096

_shims: set[int] = set()
_adopts = False


class Process:
    """A process in its own session, run by a shim that kills its leftover descendants. Create it with `start`."""

    def __init__(self, popen: "subprocess.Popen[bytes]", report: int) -> None:
        self.pid = 0
        """Process id of the container's first process; 0 until it has started."""
        self._popen = popen
        self._report = report
        self._buffer = b""
        self._code: int | None = None
        loop = asyncio.get_running_loop()
        self._started: asyncio.Future[int] = loop.create_future()
        self._exited: asyncio.Future[int] = loop.create_future()
        _shims.add(popen.pid)
        loop.add_reader(report, self._read)

    @classmethod
    async def start(
        cls, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, output: int, wrapped: bool = False
    ) -> "Process":
        """Start a process.

        Args:
            argv: the program and its arguments.
            env: the complete environment.
            cwd: the working directory.
            output: the descriptor for stdout and stderr.
            wrapped: whether the program is a wrapper: signals go to its child, and it exits with the child's code.

        Raises:
            OSError: the program does not exist or is not executable, or the folder does not exist.
        """
        report, end = os.pipe2(os.O_CLOEXEC)
        try:
            popen = subprocess.Popen(  # noqa: ASYNC220 - it returns as soon as it has forked
                # No site packages: the shim needs none, and takes little time and memory.
                [sys.executable, "-I", "-S", shim.__file__, *argv],
                env={**env, shim.REPORT: str(end), **({shim.WRAPPED: "1"} if wrapped else {})},
                cwd=cwd,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=(end,),
            )
        except BaseException:
            os.close(report)
            raise
        finally:
            os.close(end)
        process = cls(popen, report)
        try:
            number = await process._started
        except BaseException:
            process.kill()
            raise
        if number:
            raise OSError(number, os.strerror(number))
        return process

    @property
    def running(self) -> bool:
        """Whether the process or one of its descendants is still running."""
        return not self._exited.done()

    async def wait(self) -> int:
        """Wait until the process and its descendants have ended; return its exit code, or 128 + the signal number."""
        return await asyncio.shield(self._exited)

    def signal(self, number: int) -> None:
        """Send a signal to the process itself, not to its children."""
        assert self._popen.stdin is not None  # noqa: S101 - asked for a pipe
        with suppress(OSError, ValueError):
            os.write(self._popen.stdin.fileno(), bytes([number]))

    def kill(self) -> None:
        """Kill the process and all its descendants."""
        self.signal(signal.SIGKILL)

    def _read(self) -> None:
        chunk = os.read(self._report, REPORT_BYTES)
        *lines, self._buffer = (self._buffer + chunk).split(b"\n")
        for line in lines:
            word, _, value = line.decode().partition(" ")
            if word == "exit":
                self._code = int(value)
            elif not self._started.done():
                self.pid = int(value) if word == "pid" else 0
                self._started.set_result(int(value) if word == "error" else 0)
        if not chunk:
            self._end()

    def _end(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._report)
        os.close(self._report)
        self._popen.wait()  # the report pipe is closed, so the shim has exited or is about to
        _shims.discard(self._popen.pid)
        if self._popen.stdin:
            self._popen.stdin.close()
        if not self._started.done():
            self._started.set_result(0)
        if self._code is not None or not _adopts:
            self._exited.set_result(KILLED if self._code is None else self._code)
            return
        ending = loop.create_task(_end_orphans())
        ending.add_done_callback(lambda _task: self._exited.set_result(KILLED))
        self._ending = ending  # the loop holds tasks by weak references only


def adopt_orphans() -> None:
    """Make this process adopt and kill the processes of a shim that is killed; all its own children must be shims."""
    global _adopts  # noqa: PLW0603 - the kernel setting is of the whole process too, made once
    prctl.adopt_orphans()
    _adopts = True


async def execute(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, seconds: float) -> str | None:
    """Run a command next to a container; return None if it exits with 0 in time, else the failure message.

    Raises:
        OSError: the command cannot be started.
        TimeoutError: the command did not end within `seconds` and was killed.
    """
    output = os.open(os.devnull, os.O_WRONLY)
    try:
        process = await Process.start(argv, env=env, cwd=cwd, output=output)
    finally:
        os.close(output)
    try:
        code = await asyncio.wait_for(process.wait(), seconds)
    finally:
        process.kill()
    return None if code == 0 else f"command {argv[0]} exited with {code}"


async def _end_orphans() -> None:
    """Kill adopted children of this process, and those that they leave behind, until none is left."""
    while orphans := set(shim.children()) - _shims:
        for pid in orphans:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)  # noqa: ASYNC222 - it does not wait
        await asyncio.sleep(POLL_SECONDS)
