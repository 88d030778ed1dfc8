"""One step of a rehearsal."""

import time
from collections.abc import Callable

from infra.engine.progress import Progress
from infra.errors import DrydockError, OperationError


def run_step(stack: str, name: str, action: Callable[[], str], progress: Progress) -> None:
    """Run a step, and print its duration and result.

    Raises:
        OperationError: the step failed; the message names the stack and the step.
    """
    began = time.monotonic()
    try:
        result = action()
    except DrydockError as error:
        raise OperationError(f"rehearsal of {stack} failed at step `{name}`: {error}") from error
    progress.say("pass", f"{name:<17} {time.monotonic() - began:5.1f} s  {result}")
