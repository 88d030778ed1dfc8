"""The Pulumi CLI as a child process that always ends with this process."""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import psutil
from pulumi import automation
from semver import VersionInfo

from infra.toolchain.pins import PULUMI
from localcloud import prctl

# After SIGTERM an engine finishes the running provider calls and writes its state.
STOP_SECONDS = 30


class EngineCommand(automation.PulumiCommand):
    """The CLI that the toolchain found. It has at least the pinned version, so it is not started to check that.

    A launcher starts it so that the kernel sends it SIGTERM when this process ends. When this process is interrupted,
    it sends the engine SIGTERM and waits for it.
    """

    def __init__(self, pulumi: Path) -> None:
        self._pulumi = str(pulumi)
        self.command = sys.executable
        self.version = VersionInfo(*PULUMI.version)

    def run(
        self, args: list[str], cwd: str, additional_env: Mapping[str, str], *callbacks: Any, **options: Any
    ) -> automation.CommandResult:
        """Run a command of the CLI.

        Raises:
            CommandError: the command failed.
        """
        # No site packages: the launcher needs none, and starts in a tenth of the time.
        launcher = ["-I", "-S", prctl.__file__, str(os.getpid()), self._pulumi, "--non-interactive"]
        with self._stopped_first():
            return super().run([*launcher, *args], cwd, additional_env, *callbacks, **options)

    @contextmanager
    def _stopped_first(self) -> Iterator[None]:
        """Make an interrupt stop the engine before this process unwinds; `run` returns only after that."""

        def interrupt(_number: int, _frame: object) -> NoReturn:
            for engine in self._engines():
                with suppress(psutil.NoSuchProcess):
                    engine.send_signal(signal.SIGTERM)
                    timer = threading.Timer(STOP_SECONDS, _kill, [engine])
                    timer.daemon = True
                    timer.start()
            raise KeyboardInterrupt

        if threading.current_thread() is not threading.main_thread():  # it gets no signals
            yield
            return
        before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _engines(self) -> list[psutil.Process]:
        found = []
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):
                if self._pulumi in child.cmdline():
                    found.append(child)
        return found


def _kill(engine: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        engine.kill()
