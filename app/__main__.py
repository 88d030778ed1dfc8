"""`python -m app [serve|migrate]`: 0 done, 1 failed, 2 the settings are wrong."""

import argparse
import signal
import sys


def main() -> int:
    """Run the command of the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m app", description="The bundled service.")
    parser.add_argument(
        "command",
        nargs="?",
        default="serve",
        choices=("serve", "migrate"),
        help="serve: answer HTTP until SIGTERM (default); migrate: bring the database's schema to head",
    )
    command = parser.parse_args().command
    # As PID 1 of a container a process without a handler ignores SIGTERM, and importing takes a while.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0 if command == "serve" else 1))

    from app.logs import configure_logging  # noqa: PLC0415
    from app.settings import SettingsError, load_settings  # noqa: PLC0415

    try:
        settings = load_settings()
    except SettingsError as error:
        print(f"app: {error}", file=sys.stderr)
        return 2
    configure_logging(settings.log_level)
    # Each command imports only what it needs: migrations need SQLAlchemy and Alembic, serving does not.
    if command == "migrate":
        from app.migrations.migrate import MigrationError, migrate  # noqa: PLC0415

        try:
            migrate(settings)
        except MigrationError as error:
            print(f"app: {error}", file=sys.stderr)
            return 1
        return 0
    from app.serve import ListenError, serve  # noqa: PLC0415

    try:
        serve(settings)
    except ListenError as error:
        print(f"app: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
