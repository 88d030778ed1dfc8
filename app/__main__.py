"""`python -m app [serve|worker|migrate]`: exits with 0 if done, 1 if failed, 2 if the settings are wrong."""

import argparse
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import Settings


def _serve(settings: "Settings") -> int:
    from app.api import serve  # noqa: PLC0415
    from app.core.process.server import ListenError  # noqa: PLC0415

    try:
        serve(settings)
    except ListenError as error:
        print(f"app: {error}", file=sys.stderr)
        return 1
    return 0


def _work(settings: "Settings") -> int:
    if settings.queue_url is None:  # before the imports, which take a while
        print("app: the worker needs a queue; set QUEUE_URL", file=sys.stderr)
        return 2
    from app.core.process.server import ListenError  # noqa: PLC0415
    from app.jobs.queue import QueueSettingsError  # noqa: PLC0415
    from app.worker import work  # noqa: PLC0415

    try:
        work(settings)
    except (ListenError, QueueSettingsError) as error:
        print(f"app: {error}", file=sys.stderr)
        return 1 if isinstance(error, ListenError) else 2
    return 0


def _migrate(settings: "Settings") -> int:
    from app.migrations.migrate import MigrationError, migrate  # noqa: PLC0415

    try:
        migrate(settings)
    except MigrationError as error:
        print(f"app: {error}", file=sys.stderr)
        return 1
    return 0


# Each command imports only what it needs: migrations need SQLAlchemy and Alembic, serving does not.
COMMANDS: dict[str, tuple[Callable[["Settings"], int], str]] = {
    "serve": (_serve, "serve HTTP until SIGTERM (default)"),
    "worker": (_work, "run jobs until SIGTERM"),
    "migrate": (_migrate, "bring the schema of the database to head"),
}


def main() -> int:
    """Run the command of the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m app", description="The bundled service.")
    meanings = "; ".join(f"{name}: {meaning}" for name, (_, meaning) in COMMANDS.items())
    parser.add_argument("command", nargs="?", default="serve", choices=COMMANDS, help=meanings)
    command = parser.parse_args().command
    # As PID 1 of a container a process without a handler ignores SIGTERM, and importing takes a while.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1 if command == "migrate" else 0))

    from app.settings import SettingsError, load_settings  # noqa: PLC0415
    from app.telemetry.logs import configure_logging  # noqa: PLC0415

    try:
        settings = load_settings()
    except SettingsError as error:
        print(f"app: {error}", file=sys.stderr)
        return 2
    configure_logging(settings.log_level)
    run, _ = COMMANDS[command]
    return run(settings)


if __name__ == "__main__":
    sys.exit(main())
