"""The two failures the command line knows: wrong input, and an operation that failed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent


class DrydockError(Exception):
    """A failure with one clear message: what, where, what is accepted, what to do next."""

    exit_code = 1


class InputError(DrydockError):
    """What the user gave is wrong; nothing has been done. Exit code 2."""

    exit_code = 2


class OperationError(DrydockError):
    """The operation was right to ask for, and failed. Exit code 1."""


class FailedOperationError(OperationError):
    """A preview, up, refresh or destroy failed on the engine."""

    def __init__(self, message: str, events: "list[EngineEvent]") -> None:
        super().__init__(message)
        self.events = events


class CorruptStateError(OperationError):
    """The stack's state cannot be what the engine wrote; nothing was changed."""


class EndedPartError(OperationError):
    """A part of the local cloud ended while the operation ran; the same command, run again, sets it right."""
