"""`python -m app [serve|worker|migrate|schema]`: exits with 0 if done, 1 if failed, 2 if the settings are wrong."""

import argparse
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import Settings


def _serve(settings: "Settings", _arguments: argparse.Namespace) -> int:
    from app.api import serve  # noqa: PLC0415
    from app.core.process.server import ListenError  # noqa: PLC0415

    try:
        serve(settings)
    except ListenError as error:
        print(f"app: {error}", file=sys.stderr)
        return 1
    return 0


def _work(settings: "Settings", _arguments: argparse.Namespace) -> int:
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


def _migrate(settings: "Settings", _arguments: argparse.Namespace) -> int:
    from app.migrations.migrate import MigrationError, migrate  # noqa: PLC0415

    try:
        migrate(settings)
    except MigrationError as error:
        print(f"app: {error}", file=sys.stderr)
        return 1
    return 0


def _ensure_schema(settings: "Settings", arguments: argparse.Namespace) -> int:
    from app.migrations.migrate import MigrationError  # noqa: PLC0415
    from app.migrations.schema import Schema, ensure_schema  # noqa: PLC0415

    wanted = Schema(role=arguments.role, connections=arguments.connections, migration=arguments.migration)
    try:
        ensure_schema(settings, wanted)
    except MigrationError as error:
        print(f"app: {error}", file=sys.stderr)
        return 1
    return 0


# Each command imports only what it needs: migrations need SQLAlchemy and Alembic, serving does not.
COMMANDS: dict[str, tuple[Callable[["Settings", argparse.Namespace], int], str]] = {
    "serve": (_serve, "serve HTTP until SIGTERM (default)"),
    "worker": (_work, "run jobs until SIGTERM"),
    "migrate": (_migrate, "upgrade the schema of the database to head"),
    "schema": (_ensure_schema, "create the role and schema of another service in the database, as the master user"),
}


def main() -> int:
    """Run the command of the command line and return the exit code."""
    arguments = _arguments()
    command = arguments.command or "serve"
    # As PID 1 of a container a process without a handler ignores SIGTERM, and importing takes a while.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1 if command in ("migrate", "schema") else 0))

    from app.settings import SettingsError, load_settings  # noqa: PLC0415
    from app.telemetry.logs import configure_logging  # noqa: PLC0415

    try:
        settings = load_settings()
    except SettingsError as error:
        print(f"app: {error}", file=sys.stderr)
        return 2
    configure_logging(settings.log_level)
    run, _ = COMMANDS[command]
    return run(settings, arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app", description="The bundled service.")
    commands = parser.add_subparsers(dest="command", metavar="command")
    parsers = {name: commands.add_parser(name, help=meaning) for name, (_, meaning) in COMMANDS.items()}
    schema = parsers["schema"]
    schema.add_argument("role", help="role that the service signs in as; the schema has the same name")
    schema.add_argument("--connections", type=int, required=True, help="connections that the role may hold")
    schema.add_argument("--migration", action="store_true", help="change the schema only as ROLE__migration")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
