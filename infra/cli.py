"""The `drydock` command: every command is a file in infra/commands; failures become one message and an exit code."""

import errno
import os
import sys
import traceback

import typer

from infra.commands.doctor import doctor
from infra.commands.down import down
from infra.commands.env import env
from infra.commands.outputs import outputs
from infra.commands.policy import policy
from infra.commands.preview import preview
from infra.commands.refresh import refresh
from infra.commands.rehearse import rehearse
from infra.commands.schema import schema
from infra.commands.status import status
from infra.commands.up import up
from infra.engine.places import ROOT
from infra.errors import DrydockError
from localcloud.errors import CloudError

INTERRUPTED = 130  # what a shell reports for a process that SIGINT ended
DISK_ERRORS = {
    errno.ENOSPC: "the disk is full; free some space and run the command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the command again",
    errno.EROFS: "the file system is read-only; use a checkout on a writable one",
    errno.EACCES: "permission denied; make the path writable for you",
}

app = typer.Typer(
    name="drydock",
    help="A whole production service on AWS, and the same on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (up, preview, rehearse, down, refresh, status, outputs, env, policy, schema, doctor):
    app.command()(command)


@app.callback()
def options(debug: bool = typer.Option(False, "--debug", help="Show the traceback of a failure.")) -> None:
    """Options before the command."""


def main() -> None:
    """Run the command line; the exit code is 0 for done, 1 for an operation that failed, 2 for wrong input."""
    debug = "--debug" in sys.argv
    # Where the official CLI runs the program too: an image's build context is relative to it.
    os.chdir(ROOT / "infra")
    try:
        app()
    except (DrydockError, CloudError) as error:
        _fail(str(error), getattr(error, "exit_code", 1), debug=debug)
    except OSError as error:
        what = DISK_ERRORS.get(error.errno or 0, error.strerror or str(error))
        _fail(f"{error.filename or 'a file'}: {what}", 1, debug=debug)
    except KeyboardInterrupt:
        _fail("interrupted; nothing is lost, the next run takes up from here", INTERRUPTED, debug=debug)
    except Exception as error:
        _fail(f"{type(error).__name__}: {error} (a defect; run again with --debug for the traceback)", 1, debug=debug)


def _fail(message: str, code: int, *, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
