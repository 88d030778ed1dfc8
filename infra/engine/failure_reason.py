"""The reason why a command of the engine failed: its errors, or how its process ended."""

import re
import signal

from pulumi.automation.errors import CommandError, ConcurrentUpdateError

_RESULT = re.compile(r"\s*code: (-?\d+)\n stdout: (.*)\n stderr: (.*)\Z", re.DOTALL)
_GONE = re.compile(r"code = Unavailable|error reading from server|connection refused|transport is closing")
SHOWN_LINES = 5
AGAIN = "its completed work is recorded; run the command again to continue"
MEMORY = "; unless another process killed it, the kernel did so because memory ran out"
REBUILD = "delete that file, then build it again with: make toolchain"
LOCKED = (
    "another update holds the lock of this stack; wait until it ends, "
    "or, if its process has ended, release it with: pulumi cancel"
)


def unexpected(error: Exception) -> str:
    """Return the message of an error that no command handles: a failure of the engine, or a bug."""
    if isinstance(error, CommandError):
        return f"the Pulumi engine failed: {failure_reason(error)}"
    return f"{type(error).__name__}: {error} (a bug; run again with --debug for the traceback)"


def failure_reason(error: CommandError) -> str:
    """Return why a command of the engine failed, in a few lines, without its other output."""
    found = _RESULT.match(str(error))
    code, text = (int(found[1]), f"{found[2]}\n{found[3]}") if found else (1, str(error))
    if isinstance(error, ConcurrentUpdateError):
        return LOCKED
    if code < 0:
        name = _signal(-code)
        return f"the Pulumi engine was ended by {name}{MEMORY if name == 'SIGKILL' else ''}; {AGAIN}"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error:")]
    if errors:
        said = "\n".join(errors[-SHOWN_LINES:])
        return f"{said}; {REBUILD}" if " does not start: " in said else said
    shown = "".join(f"\n  | {line[:300]}" for line in (found[3] if found else text).split("\n") if line.strip())
    return f"the Pulumi engine ended with exit code {code} without an error message; {AGAIN}{shown}"


def gone(errors: list[str]) -> bool:
    """Return whether the engine lost a process that it used: a stand-in, the policy pack or a plugin."""
    return any(_GONE.search(text) for text in errors)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
