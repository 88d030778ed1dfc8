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
from collections.abc import Iterable, Iterator, Mapping, Sequence
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

# Other systems than Linux may not continue in a process that was forked without exec: there each worker imports again.
METHOD = "fork" if sys.platform == "linux" else "spawn"


def main(folder: Path, stacks: Sequence[str]) -> None:
    """Preview the stacks."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a program prints is no part of the answer
    os.chdir(ROOT / "infra")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    requests = [worker.read(folder / f"{stack}.request") for stack in stacks]
    try:
        with ExitStack() as stand_ins:
            ports = [
                stand_ins.enter_context(offline.serve_all(state_only=True)) if each.commit else {} for each in requests
            ]
            # One worker imports the program while its engine starts.
            if METHOD == "fork" and len(stacks) > 1:
                with suppress(Exception):  # the worker reports it
                    import_module(ENVIRONMENTS)
                gc.freeze()  # a collection would copy the shared memory
            for stack, code in _ended(folder, zip(requests, ports, strict=True)):
                print(stack, code, file=answer, flush=True)
    except KeyboardInterrupt:
        # Workers are daemons: at the exit, multiprocessing sends them SIGTERM and waits for them.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(128 + signal.SIGTERM)


def _ended(folder: Path, work: Iterable[tuple[Request, Mapping[str, int]]]) -> Iterator[tuple[str, int | None]]:
    """Run the workers, some at the same time, and yield each stack with the exit code of its worker."""
    context = multiprocessing.get_context(METHOD)
    waiting = list(work)
    running: dict[Any, tuple[str, BaseProcess]] = {}
    while waiting or running:
        while waiting and len(running) < _at_once():
            request, ports = waiting.pop(0)
            args = request, ports, folder / f"{request.stack}.answer"
            process: BaseProcess = context.Process(target=worker.main, args=args, daemon=True)  # type: ignore[attr-defined]
            process.start()
            running[process.sentinel] = request.stack, process
        for sentinel in connection.wait(list(running)):
            stack, process = running.pop(sentinel)
            process.join()
            yield stack, process.exitcode


def _at_once() -> int:
    """Return the number of stacks to preview at the same time: an engine does not use one core all the time."""
    return (os.cpu_count() or 1) + 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
