"""One local process: a container's, or that of an exec probe."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from localcloud.prctl import die_with_parent


class Process:
    """A process in a session of its own. Start it from the main thread only: it dies with the thread."""

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, output: int) -> None:
        """Start it.

        Raises:
            OSError: the program is not there or not executable, or the folder is not there.
        """
        self._popen = subprocess.Popen(
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has one thread
        )
        self.pid = self._popen.pid
        loop = asyncio.get_running_loop()
        self._exited: asyncio.Future[int] = loop.create_future()
        self._descriptor = os.pidfd_open(self.pid)
        loop.add_reader(self._descriptor, self._reap)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return not self._exited.done()

    async def wait(self) -> int:
        """Its exit code; 128 + number where a signal ended it, as a container runtime has it."""
        return await asyncio.shield(self._exited)

    def signal(self, number: int) -> None:
        """Send a signal to the process itself, not to its children."""
        if self.running:
            self._popen.send_signal(number)

    def kill(self) -> None:
        """Kill it and all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _reap(self) -> None:
        code = self._popen.poll()
        if code is None:
            return
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        self.kill()  # a container ends with its first process
        self._exited.set_result(128 - code if code < 0 else code)
