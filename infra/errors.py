"""The two kinds of failures of the command line: invalid input and failed operations."""

import errno
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent


class DrydockError(Exception):
    """A failure with one clear message: what, where, what is accepted, what to do next."""

    exit_code = 1

    def append(self, texts: Iterable[str]) -> None:
        """Add texts to the message, each on lines of its own."""
        self.args = ("\n".join([str(self), *texts]), *self.args[1:])


class InputError(DrydockError):
    """The input is invalid; nothing was changed. Exit code 2."""

    exit_code = 2


class OperationError(DrydockError):
    """A valid operation failed. Exit code 1."""


class FailedOperationError(OperationError):
    """A preview, up, refresh or destroy failed on the engine."""

    def __init__(self, message: str, events: "list[EngineEvent]") -> None:
        super().__init__(message)
        self.events = events


class MissingStackError(OperationError):
    """The state backend has no such stack."""


class CorruptStateError(OperationError):
    """The state of the stack is corrupt; nothing was changed."""


class EndedPartError(OperationError):
    """A part of the local cloud ended during the operation; running the command again repairs it."""


DISK_ERRORS = {
    errno.ENOSPC: "the disk is full; free some space and run the command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the command again",
    errno.EROFS: "the file system is read-only; use a checkout on a writable one",
    errno.EACCES: "permission denied; make the path writable for you",
}


def about_file(error: OSError) -> str:
    """Return the message of a file that cannot be read or written: the path, the reason and what to do."""
    what = DISK_ERRORS.get(error.errno or 0, error.strerror or str(error))
    return f"{error.filename or 'a file'}: {what}"
