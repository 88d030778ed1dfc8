"""The `drydock` command: every command is a file in infra/commands; failures become one message and an exit code."""

import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from infra import streams
from infra.engine.loopback import no_proxy
from infra.engine.places import ROOT
from infra.errors import DrydockError, EndedPartError, about_file
from localcloud.errors import CloudError

DEBUG = "--debug"
INTERRUPTED = 130  # exit code of a process that SIGINT ended

COMMANDS = (
    "up",
    "preview",
    "diff",
    "guard",
    "rehearse",
    "down",
    "refresh",
    "status",
    "outputs",
    "env",
    "policy",
    "reach",
    "cost",
    "schema",
    "base-images",
    "doctor",
)


class Commands(TyperGroup):
    """Imports a command when it is used, because all of them together take as long as the start of one."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        not_imported: Any = None
        self.commands = dict.fromkeys(COMMANDS, not_imported)  # for the list of commands and for suggestions

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, or None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        only = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        only.command(cmd_name)(function(cmd_name))
        return typer.main.get_command(only)


def function(command: str) -> Callable[..., None]:
    """Return the function of a command, which is in the file of its name."""
    name = command.replace("-", "_")
    found: Callable[..., None] = getattr(import_module(f"infra.commands.{name}"), name)
    return found


app = typer.Typer(
    cls=Commands,
    name="drydock",
    help="A complete production service on AWS, and the same on this machine.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")] = False) -> None:
    """Options of every command."""


def main() -> None:
    """Run the command line.

    The exit code is 0 for success, 1 for a failed operation, 2 for invalid input, 130 for an interrupt, and 141 if
    the reader of stdout closes it.
    """
    streams.guard()
    arguments = [argument for argument in sys.argv[1:] if argument != DEBUG] or ["--help"]
    debug = DEBUG in sys.argv
    if not debug:
        # An interrupt closes the streams of the engine while threads read them; the message below is enough.
        threading.excepthook = lambda _args: None
        warnings.filterwarnings("ignore", message="Error in event stream")
    # The official CLI runs the program in this folder too: the build context of an image is relative to it.
    os.chdir(ROOT / "infra")
    # A cancelled CI job gets SIGTERM, which is handled like Ctrl-C, so that nothing keeps running.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.update(no_proxy(os.environ))
    try:
        code = app(arguments, prog_name="drydock", standalone_mode=False)
    except EndedPartError as error:
        _fail(f"{error}; run `drydock {' '.join(arguments)}` again: it repairs incomplete changes", 1, debug=debug)
    except (DrydockError, CloudError) as error:
        _fail(str(error), getattr(error, "exit_code", 1), debug=debug)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except TyperException as error:
        _fail(f"{error.format_message()}; see: drydock --help", error.exit_code, debug=debug)
    except OSError as error:
        _fail(about_file(error), 1, debug=debug)
    except Exception as error:
        from infra.engine.failure_reason import unexpected  # noqa: PLC0415 - the SDK takes half of the start of a command

        _fail(unexpected(error), 1, debug=debug)
    if code == INTERRUPTED:
        _fail("interrupted; nothing is lost, the next run continues from here", INTERRUPTED, debug=debug)
    _leave(code or 0)


def _fail(message: str, code: int, *, debug: bool) -> NoReturn:
    if debug:
        traceback.print_exc()
    print(f"error: {message}", file=sys.stderr)
    _leave(code)


def _leave(code: int) -> NoReturn:
    """Exit without cleanup: freeing the objects of the provider SDKs takes half a second."""
    code = streams.exit_code(code)
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
