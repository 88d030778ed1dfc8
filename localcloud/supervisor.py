"""The supervisor: starts the parts of a local cloud, restarts those that exit, and stops all of them.

It is run as `python -m localcloud STATE`. It holds `supervisor.lock` while it is running, and writes `status.json` at
every change and `cloud.json` when every part is ready. The kernel kills its child processes when it ends, so a killed
supervisor leaves no processes behind.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import psutil

from localcloud import locks
from localcloud.cloud import CLOUD_FILE
from localcloud.files import open_log, write_json
from localcloud.parts import Part
from localcloud.prctl import die_with

LOCK_FILE = "supervisor.lock"
STATUS_FILE = "status.json"
DISCARD = signal.SIGQUIT
"""Signal that stops a supervisor without saving data, because the data will be deleted."""
POLL_SECONDS = 0.1
OWNER_POLL_SECONDS = 1
WATCH_SECONDS = 1
# Timeout for each part; a part is stopped after the parts that depend on it.
STOP_SECONDS = 15
FIRST_RESTART_SECONDS = 0.2
LONGEST_RESTART_SECONDS = 5.0
# The restart back-off of a part is reset after it has run this long.
STEADY_SECONDS = 30
# The supervisor gives up after a part has exited this often in a row without becoming ready.
START_ATTEMPTS = 5


def lock(state: Path) -> locks.Lock | None:
    """Take the supervisor lock of a state folder, or return None if another supervisor is running."""
    return locks.take(state / LOCK_FILE)


def holder(state: Path) -> int | None:
    """Return the process id of the supervisor that is running for a state folder, or None."""
    return locks.holder(state / LOCK_FILE)


class Supervisor:
    """Runs parts in the order of their dependencies.

    Args:
        state: the state folder, with `logs/`, status.json and cloud.json.
        parts: the parts to run.
        on_ready: called once when all parts are ready; writes cloud.json, which is deleted when the parts are stopped.
        owner_pid: stop the local cloud when this process ends; None to run until it is stopped.
    """

    def __init__(
        self, state: Path, parts: list[Part], on_ready: Callable[[], None], owner_pid: int | None = None
    ) -> None:
        self._state = state
        self._parts = parts
        self._on_ready = on_ready
        self._owner_pid = owner_pid
        self._ready = {part.name: asyncio.Event() for part in parts}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._restarts = dict.fromkeys(self._ready, 0)
        self._stopping: set[str] = set()
        """Parts that another process has asked to stop and that have not ended yet."""
        self._failed = ""
        self._stop = asyncio.Event()
        self._discard = False
        self._started = time.monotonic()

    async def run(self) -> int:
        """Keep the parts running until SIGTERM, SIGINT, DISCARD or the end of the owner.

        Return 1 if they could not be kept running, else 0.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(DISCARD, self._stop_without_saving)
        work = {f"{part.name} cannot be kept running": self._keep(part) for part in self._parts}
        work[f"{CLOUD_FILE} cannot be written"] = self._announce()
        if self._owner_pid is not None:
            work[f"process {self._owner_pid} cannot be watched"] = self._follow(self._owner_pid)
        tasks = [asyncio.create_task(self._guard(failure, each)) for failure, each in work.items()]
        await self._stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(OSError):  # the parts must be stopped even if the disk is full
            (self._state / CLOUD_FILE).unlink(missing_ok=True)
            self._write_status()
        await self._stop_all()
        return 1 if self._failed else 0

    def _stop_without_saving(self) -> None:
        self._discard = True
        self._stop.set()

    async def _announce(self) -> None:
        await asyncio.gather(*(event.wait() for event in self._ready.values()))
        self._on_ready()
        self._say(f"all {len(self._parts)} parts ready after {time.monotonic() - self._started:.1f} s")

    async def _follow(self, owner_pid: int) -> None:
        """Stop when the owner process has ended, is a zombie, or its process id has been reused."""
        with suppress(psutil.NoSuchProcess):
            owner = psutil.Process(owner_pid)
            while owner.is_running() and owner.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110 - it sets no event
                await asyncio.sleep(OWNER_POLL_SECONDS)
        self._say(f"stopping: process {owner_pid}, which this cloud belongs to, has ended")
        self._stop.set()

    async def _guard(self, failure: str, work: Awaitable[None]) -> None:
        """Await `work`; if it fails, such as on a full disk, stop all parts, since a partial cloud is useless."""
        try:
            await work
        except Exception as error:
            self._give_up(f"{failure}: {error}")

    def _give_up(self, reason: str) -> None:
        self._failed = self._failed or reason
        self._say(reason)
        self._stop.set()

    async def _keep(self, part: Part) -> None:
        await asyncio.gather(*(self._ready[name].wait() for name in part.after))
        delay = FIRST_RESTART_SECONDS
        failures = 0
        while True:
            began = time.monotonic()
            process = await self._spawn(part)
            watch = asyncio.create_task(self._guard(f"{part.name} cannot be watched", self._watch(part, process)))
            try:
                code = await process.wait()
            finally:
                watch.cancel()
            failures = 0 if self._ready[part.name].is_set() else failures + 1
            self._ready[part.name].clear()
            self._stopping.discard(part.name)
            self._restarts[part.name] += 1
            self._write_status()
            self._say(f"{part.name} ended with code {code}; starting it again in {delay:.1f} s")
            if failures == START_ATTEMPTS:
                self._give_up(f"{part.name} ended {START_ATTEMPTS} times, last with code {code}")
                return
            if time.monotonic() - began > STEADY_SECONDS:
                delay = FIRST_RESTART_SECONDS
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_RESTART_SECONDS)

    async def _spawn(self, part: Part) -> asyncio.subprocess.Process:
        with open_log(self._state / "logs" / f"{part.name}.log") as log:
            process = await asyncio.create_subprocess_exec(
                *part.argv,
                env={**os.environ, **part.env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with(os.getpid()),
            )
        self._processes[part.name] = process
        self._write_status()
        return process

    async def _watch(self, part: Part, process: asyncio.subprocess.Process) -> None:
        while not await asyncio.to_thread(part.ready):  # noqa: ASYNC110 - another process cannot set an event
            await asyncio.sleep(POLL_SECONDS)
        self._ready[part.name].set()
        self._write_status()
        while part.is_stopping:
            await asyncio.sleep(WATCH_SECONDS)
            if await asyncio.to_thread(part.is_stopping):
                self._say(f"{part.name} was asked to stop by another process; stopping it")
                self._stopping.add(part.name)
                self._write_status()
                await self._end(part)
                return

    async def _stop_all(self) -> None:
        """Stop each part after the parts that depend on it have ended, or all at once if their data is discarded."""
        if self._discard:
            await asyncio.gather(*map(self._end, self._parts))
            return
        ended = {part.name: asyncio.Event() for part in self._parts}

        async def end(part: Part) -> None:
            users = (other.name for other in self._parts if part.name in (*other.after, *other.uses))
            await asyncio.gather(*(ended[name].wait() for name in users))
            await self._end(part)
            ended[part.name].set()

        await asyncio.gather(*map(end, self._parts))

    async def _end(self, part: Part) -> None:
        process = self._processes.get(part.name)
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(part.discard_signal if self._discard else part.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._say(f"{part.name} did not end within {STOP_SECONDS} s and is killed")
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _write_status(self) -> None:
        stopping = self._stop.is_set()
        parts = {
            part.name: {
                "pid": process.pid if (process := self._processes.get(part.name)) else None,
                "ready": self._ready[part.name].is_set() and part.name not in self._stopping and not stopping,
                "restarts": self._restarts[part.name],
            }
            for part in self._parts
        }
        write_json(self._state / STATUS_FILE, {"failed": self._failed, "stopping": stopping, "parts": parts})

    def _say(self, message: str) -> None:
        with suppress(OSError):  # a log that cannot be written must not interrupt the supervisor
            print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)
