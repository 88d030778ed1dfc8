"""Preview stacks at the same time, each in a process of its own: `python -m infra.difference.workers FOLDER STACK...`.

The folder has a file STACK.request for each stack, and gets a file STACK.answer; see `infra.difference.worker`. This
process imports the program once and forks a worker for each stack, because importing the program and the SDKs takes
longer than running it. It writes a line to stdout for each worker that has ended: the stack and the exit code.
"""

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from importlib import import_module
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from infra.difference import worker
from infra.difference.worker import Request
from infra.engine.inline_program import ENVIRONMENTS
from infra.engine.places import ROOT
from localcloud.providers import offline

FORK, SPAWN = "fork", "spawn"
AGAIN_SECONDS = 5
THREADS = Path("/proc/self/task")
Work = tuple[Request, Mapping[str, int]]
"""A request, and the ports of the stand-ins for it."""


def main(folder: Path, stacks: Sequence[str]) -> None:
    """Preview the stacks, and end the process."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a program prints is no part of the answer
    os.chdir(ROOT / "infra")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    requests = [worker.read(folder / f"{stack}.request") for stack in stacks]
    code = 0
    try:
        with ExitStack() as stand_ins:
            work = [
                (each, stand_ins.enter_context(offline.serve_all(state_only=True)) if each.commit else {})
                for each in requests
            ]
            # A single worker imports the program while its engine starts.
            method = _method(preload=len(stacks) > 1)
            for stack, ended in _ended(folder, work, method):
                print(stack, ended, file=answer, flush=True)
    except KeyboardInterrupt:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        code = 128 + signal.SIGTERM
        running = multiprocessing.active_children()
        for process in running:
            process.terminate()
        for process in running:
            _end(process)
    sys.stderr.flush()
    os._exit(code)  # the import may have started threads that do not end


def _method(*, preload: bool) -> str:
    """Return the start method of the workers, after an import of the program if `preload`.

    A forked process has one thread, so a program that starts threads on import would wait for them forever: then
    workers are spawned. They are also spawned on other systems than Linux, where a forked process may not work.
    """
    if not THREADS.exists():
        return SPAWN
    if preload:
        with suppress(Exception, SystemExit):  # the worker reports it
            import_module(ENVIRONMENTS)
        gc.freeze()  # a collection would copy the shared memory
    return FORK if len(list(THREADS.iterdir())) == 1 else SPAWN


def _ended(folder: Path, work: Sequence[Work], method: str) -> Iterator[tuple[str, int | None]]:
    """Run the workers, some at the same time, and yield each stack with the exit code of its worker."""
    context: Any = multiprocessing.get_context(method)
    waiting = list(work)
    running: dict[Any, tuple[str, BaseProcess]] = {}
    while waiting or running:
        while waiting and len(running) < _concurrency():
            request, ports = waiting.pop(0)
            process = context.Process(target=worker.main, args=(request, ports, folder / f"{request.stack}.answer"))
            process.start()
            running[_handle(process)] = request.stack, process
        for handle in connection.wait(list(running)):
            stack, process = running.pop(handle)
            process.join()
            yield stack, process.exitcode


def _end(process: BaseProcess) -> None:
    """Wait until a worker has ended, and send SIGTERM again meanwhile.

    The kernel may give a signal to a thread of the SDK. Then the main thread, which handles it, does not wake up.
    """
    while process.exitcode is None:
        process.join(AGAIN_SECONDS)
        process.terminate()


def _handle(process: BaseProcess) -> int:
    """Return a handle that is ready when a process ends. Child processes of the program would keep a sentinel open."""
    return os.pidfd_open(process.pid) if process.pid and hasattr(os, "pidfd_open") else process.sentinel


def _concurrency() -> int:
    """Return the number of stacks to preview at the same time: an engine does not use one core all the time."""
    return (os.cpu_count() or 1) + 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
