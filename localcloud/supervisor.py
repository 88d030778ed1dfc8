"""The one process that starts the parts of a local cloud, restarts those that die, and stops them all.

Run as `python -m localcloud STATE`. It holds `supervisor.lock` for as long as it lives, writes `status.json` at every
change and `cloud.json` once every part is ready. Its children die with it, so a killed supervisor leaves no process.
"""

import asyncio
import ctypes
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from localcloud.files import write_json
from localcloud.parts import Part

LOCK_FILE = "supervisor.lock"
STATUS_FILE = "status.json"
PR_SET_PDEATHSIG = 1  # linux/prctl.h
POLL_SECONDS = 0.1
# Whoever asks if a supervisor lives holds the lock for an instant; a supervisor holds it for good.
LOCK_SECONDS = 2
STOP_SECONDS = 15
FIRST_RESTART_SECONDS = 0.2
LONGEST_RESTART_SECONDS = 5.0
# A part that has run this long starts its back-off anew.
STEADY_SECONDS = 30
# A part that never became ready and died this often will not do better: the start is given up.
START_ATTEMPTS = 5

_libc = ctypes.CDLL(None)


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it is gone (runs between fork and exec)."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def lock(state: Path) -> TextIO | None:
    """Take the supervisor's lock of a state folder, or None where another supervisor lives."""
    file = (state / LOCK_FILE).open("a+")
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                file.close()
                return None
            time.sleep(POLL_SECONDS)
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


class Supervisor:
    """Runs parts in the order of their dependencies."""

    def __init__(self, state: Path, parts: list[Part], on_ready: Callable[[], None]) -> None:
        self._state = state
        self._parts = parts
        self._on_ready = on_ready
        self._ready = {part.name: asyncio.Event() for part in parts}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._restarts = dict.fromkeys(self._ready, 0)
        self._failed = ""
        self._stop = asyncio.Event()
        self._started = time.monotonic()

    async def run(self) -> int:
        """Keep the parts running until SIGTERM or SIGINT; 1 where they could not be started."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        tasks = [asyncio.create_task(self._guard(part)) for part in self._parts]
        tasks.append(asyncio.create_task(self._announce()))
        await self._stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._stop_all()
        return 1 if self._failed else 0

    async def _announce(self) -> None:
        await asyncio.gather(*(event.wait() for event in self._ready.values()))
        self._on_ready()
        self._say(f"all {len(self._parts)} parts ready after {time.monotonic() - self._started:.1f} s")

    async def _guard(self, part: Part) -> None:
        """Give up as a whole where the machine refuses, such as on a full disk: half a cloud helps nobody."""
        try:
            await self._keep(part)
        except OSError as error:
            self._failed = f"{part.name} cannot be run: {error}"
            self._say(self._failed)
            self._stop.set()

    async def _keep(self, part: Part) -> None:
        await asyncio.gather(*(self._ready[name].wait() for name in part.after))
        delay = FIRST_RESTART_SECONDS
        while True:
            began = time.monotonic()
            process = await self._spawn(part)
            watch = asyncio.create_task(self._await_ready(part))
            code = await process.wait()
            watch.cancel()
            was_ready = self._ready[part.name].is_set()
            self._ready[part.name].clear()
            self._restarts[part.name] += 1
            self._write_status()
            self._say(f"{part.name} ended with code {code}; starting it again in {delay:.1f} s")
            if not was_ready and self._restarts[part.name] >= START_ATTEMPTS:
                self._failed = f"{part.name} ended {START_ATTEMPTS} times, last with code {code}"
                self._write_status()
                self._stop.set()
                return
            if time.monotonic() - began > STEADY_SECONDS:
                delay = FIRST_RESTART_SECONDS
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_RESTART_SECONDS)

    async def _spawn(self, part: Part) -> asyncio.subprocess.Process:
        log_path = self._state / "logs" / f"{part.name}.log"
        with os.fdopen(os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            process = await asyncio.create_subprocess_exec(
                *part.argv,
                env={**os.environ, **part.env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self._processes[part.name] = process
        self._write_status()
        return process

    async def _await_ready(self, part: Part) -> None:
        while not await asyncio.to_thread(part.ready):  # noqa: ASYNC110 - another process cannot set an event
            await asyncio.sleep(POLL_SECONDS)
        self._ready[part.name].set()
        self._write_status()

    async def _stop_all(self) -> None:
        """Stop in reverse order, so that nothing loses what it depends on before it ends."""
        for part in reversed(self._parts):
            process = self._processes.get(part.name)
            if process is None or process.returncode is not None:
                continue
            with suppress(ProcessLookupError):
                process.send_signal(part.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                self._say(f"{part.name} did not end within {STOP_SECONDS} s and is killed")
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    def _write_status(self) -> None:
        parts = {
            part.name: {
                "pid": process.pid if (process := self._processes.get(part.name)) else None,
                "ready": self._ready[part.name].is_set(),
                "restarts": self._restarts[part.name],
            }
            for part in self._parts
        }
        write_json(self._state / STATUS_FILE, {"failed": self._failed, "parts": parts})

    def _say(self, message: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)
