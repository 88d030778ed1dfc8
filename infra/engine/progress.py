"""One line on stderr for each thing that happens, so that nobody waits in front of a silent screen."""

import sys
import time
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


# A plan and its deployment run the same program, whose warnings are worth one line.
_warned: set[str] = set()


class Progress:
    """Prints steps with the seconds since the start; what a waiting resource reports is shown once a change."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._began = time.monotonic()
        self._last: dict[str, str] = {}
        self._shown: set[tuple[str, str]] = set()

    def say(self, topic: str, message: str) -> None:
        """One line of Drydock's own: what it does now, or what it found."""
        print(f"{self._clock()} {topic:<10} {message}", file=self._stream, flush=True)

    def show(self, event: EngineEvent) -> None:
        """The line an engine event is worth, if any. What the program warns of is shown by a quiet one too.

        That is about a resource; what the engine warns of itself, such as plugins on PATH, is not.
        """
        found = event.diagnostic_event
        is_of_program = found and found.severity == "warning" and found.urn and not found.ephemeral
        if found and is_of_program and found.message not in _warned:
            _warned.add(found.message)
            self.say("warning", " ".join(found.message.split()))
        if self._quiet:
            return
        if event.res_outputs_event:
            self._step(event.res_outputs_event.metadata)
        elif event.diagnostic_event and event.diagnostic_event.ephemeral:
            self._waiting(event.diagnostic_event.urn or "", event.diagnostic_event.message.strip())

    def _step(self, step: StepEventMetadata) -> None:
        sign = SIGNS.get(OpType(step.op))
        # A component reports twice: when it is registered, and when its outputs are.
        if sign and (step.op, step.urn) not in self._shown:
            self._shown.add((step.op, step.urn))
            print(f"{self._clock()} {sign} {step.type:<52} {_name(step.urn)}", file=self._stream, flush=True)

    def _waiting(self, urn: str, message: str) -> None:
        if self._last.get(urn) != message:
            self._last[urn] = message
            print(f"{self._clock()}   {_name(urn)}: {message}", file=self._stream, flush=True)

    def _clock(self) -> str:
        return f"{time.monotonic() - self._began:6.1f}s"


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
