"""The two failures the command line knows: wrong input, and an operation that failed."""


class DrydockError(Exception):
    """A failure with one clear message: what, where, what is accepted, what to do next."""

    exit_code = 1


class InputError(DrydockError):
    """What the user gave is wrong; nothing has been done. Exit code 2."""

    exit_code = 2


class OperationError(DrydockError):
    """The operation was right to ask for, and failed. Exit code 1."""


class CorruptStateError(OperationError):
    """The stack's state cannot be what the engine wrote; nothing was changed."""
