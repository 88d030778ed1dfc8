"""The Pulumi CLI as a child that ends with this process, whatever ends this process."""

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

# An engine that is asked to stop finishes what its providers are at and writes its state.
STOP_SECONDS = 30


class EngineCommand(automation.PulumiCommand):
    """The CLI as the toolchain found it: at least of the pinned version, so it need not be started to ask for that.

    It is started by a launcher that has the kernel send it SIGTERM when this process has ended; on an interrupt of this
    process it is asked to stop, and waited for.
    """

    def __init__(self, pulumi: Path) -> None:
        self._pulumi = str(pulumi)
        self.command = sys.executable
        self.version = VersionInfo(*PULUMI.version)

    def run(
        self, args: list[str], cwd: str, additional_env: Mapping[str, str], *callbacks: Any, **options: Any
    ) -> automation.CommandResult:
        """Run it to its end.

        Raises:
            CommandError: it failed.
        """
        # No site packages: the launcher needs none, and starts in a tenth of the time.
        launcher = ["-I", "-S", prctl.__file__, str(os.getpid()), self._pulumi, "--non-interactive"]
        with self._stopped_first():
            return super().run([*launcher, *args], cwd, additional_env, *callbacks, **options)

    @contextmanager
    def _stopped_first(self) -> Iterator[None]:
        """Have an interrupt stop the engine before this process unwinds; only then does `run` come back."""

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
