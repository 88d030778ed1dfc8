"""Progress messages on stderr."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import TextIO

from pulumi.automation.events import EngineEvent, OpType, StepEventMetadata

SIGNS = {
    OpType.CREATE: "+",
    OpType.CREATE_REPLACEMENT: "+",
    OpType.UPDATE: "~",
    OpType.DELETE: "-",
    OpType.DELETE_REPLACED: "-",
    OpType.REPLACE: "±",
    OpType.IMPORT: "=",
}


REMIND_SECONDS = 30.0

# A plan and its deployment run the same program; show its warnings once.
_warned: set[str] = set()


class Progress:
    """Prints messages with the seconds since the start, and the status of waiting resources when it changes.

    Args:
        stream: where to print; default: stderr.
        quiet: print no progress, only what `report` gets, and warnings of the program.
        each_resource: whether to print a line for each resource.
    """

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False, each_resource: bool = True) -> None:
        self._stream = stream or sys.stderr
        self.quiet = quiet
        self._each_resource = each_resource and not quiet
        self._began = time.monotonic()
        self._last: dict[str, str] = {}
        self._running: dict[str, float] = {}
        self._lock = Lock()
        self._shown: set[tuple[str, str]] = set()

    def say(self, topic: str, message: str) -> None:
        """Print progress, which --quiet omits."""
        if not self.quiet:
            self.report(topic, message)

    def report(self, topic: str, message: str) -> None:
        """Print a note, a warning or a result, also with --quiet."""
        print(f"{self._clock()} {topic:<10} {message}", file=self._stream, flush=True)

    def show(self, event: EngineEvent) -> None:
        """Print the line of an engine event, if any. Warnings of the program are printed also with --quiet.

        These are about a resource; warnings of the engine itself, such as about plugins on PATH, are not printed.
        """
        found = event.diagnostic_event
        is_of_program = found and found.severity == "warning" and found.urn and not found.ephemeral
        if found and is_of_program and found.message not in _warned:
            _warned.add(found.message)
            self.report("warning", " ".join(found.message.split()))
        self._follow(event)
        if event.res_outputs_event and self._each_resource:
            self._step(event.res_outputs_event.metadata)
        elif event.diagnostic_event and event.diagnostic_event.ephemeral:
            self._waiting(event.diagnostic_event.urn or "", event.diagnostic_event.message.strip())

    @contextmanager
    def reminders(self, seconds: float = REMIND_SECONDS) -> Iterator[None]:
        """During the block, print a line for each resource whose operation takes long, at an interval in seconds."""
        stop = Event()

        def remind() -> None:
            while not stop.wait(seconds):
                for line in self._long(seconds):
                    self.say("waiting", line)

        thread = Thread(target=remind, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            with self._lock:
                self._running.clear()

    def _follow(self, event: EngineEvent) -> None:
        """Note the start and the end of an operation on a resource that is not a component."""
        ended = event.res_outputs_event or event.res_op_failed_event
        with self._lock:
            if ended:
                self._running.pop(ended.metadata.urn, None)
            elif event.resource_pre_event:
                step = event.resource_pre_event.metadata
                state = step.new or step.old
                if state and state.custom:
                    self._running[step.urn] = time.monotonic()

    def _long(self, seconds: float) -> list[str]:
        now = time.monotonic()
        with self._lock:
            running = [(urn, now - began) for urn, began in self._running.items() if now - began >= seconds]
        reasons = {urn: f": {self._last[urn]}" if self._last.get(urn) else "" for urn, _ in running}
        return [f"{_name(urn)} for {passed:.0f} s{reasons[urn]}" for urn, passed in running]

    def _step(self, step: StepEventMetadata) -> None:
        sign = SIGNS.get(OpType(step.op))
        # A component reports twice: when it is registered, and when its outputs are.
        if sign and (step.op, step.urn) not in self._shown:
            self._shown.add((step.op, step.urn))
            print(f"{self._clock()} {sign} {step.type:<52} {_name(step.urn)}", file=self._stream, flush=True)

    def _waiting(self, urn: str, message: str) -> None:
        if self._last.get(urn) == message:
            return
        self._last[urn] = message
        if self._each_resource:
            print(f"{self._clock()}   {_name(urn)}: {message}", file=self._stream, flush=True)

    def _clock(self) -> str:
        return f"{time.monotonic() - self._began:6.1f}s"


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
