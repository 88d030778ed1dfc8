"""`migrate`: upgrade the schema to head. It may be run again, and concurrently."""

from pathlib import Path
from time import monotonic, sleep
from typing import Any

import orjson
import psycopg
import structlog
from alembic import command
from alembic.config import Config
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.core.postgres.conninfo import conninfo
from app.core.postgres.sign_in import SignInError
from app.migrations.head import head
from app.migrations.service_role import ServiceRoleError, ensure_service_role
from app.settings import DatabaseAuth, Settings

WAIT_SECONDS = 60.0
LOCK = 4_270_541_117  # any number that nothing else in the database uses
# While a migration waits for a lock, every later query on that table waits too. It is better to fail and retry.
LOCK_TIMEOUT = "10s"

log = structlog.get_logger()


class MigrationError(Exception):
    """The schema is not at head; the message says why and what to do."""


def migrate(settings: Settings, wait_seconds: float = WAIT_SECONDS) -> None:
    """Wait for the database, then run the missing migrations under an advisory lock. Raises MigrationError."""
    raw = wait_for_database(settings, wait_seconds)
    # SQLAlchemy is used by Alembic only, and gets this one connection.
    engine = create_engine("postgresql+psycopg://", creator=lambda: raw, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            _upgrade(connection, wait_seconds)
            if settings.db_owner_secret and settings.db_user:
                connection.commit()
                ensure_service_role(raw, settings.db_user)
    except (ServiceRoleError, psycopg.Error) as error:
        raise MigrationError(f"the service's role {settings.db_user}: {_line(error)}") from None
    except DBAPIError as error:
        raise MigrationError(
            f"migration failed: {_line(error.orig)}\nthe failed migration is rolled back; run it again"
        ) from None


def wait_for_database(settings: Settings, wait_seconds: float = WAIT_SECONDS) -> psycopg.Connection[Any]:
    """Return a connection; retry once a second. Raises MigrationError with the last reason."""
    deadline = monotonic() + wait_seconds
    logged = ""
    while True:
        info = ""
        try:
            info = conninfo(_as_owner(settings.with_current_files()), options=f"-c lock_timeout={LOCK_TIMEOUT}")
            return psycopg.connect(info)
        except (psycopg.OperationalError, SignInError) as error:
            reason = _line(error)
        where = conninfo_to_dict(info)
        name = f"{where.get('host')}:{where.get('port') or 5432}/{where.get('dbname')}"
        if monotonic() >= deadline:
            raise MigrationError(
                f"the database {name} was unreachable for {wait_seconds:g} s: {reason}\n"
                "check DATABASE_URL, or DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_AUTH, DB_PASSWORD, DB_OWNER_SECRET "
                "and DB_SSLMODE, and that the server accepts connections from this machine"
            )
        if reason != logged:
            log.info("waiting for the database", database=name, reason=reason)
            logged = reason
        sleep(1)


def _as_owner(settings: Settings) -> Settings:
    """Return the settings to sign in as the master user, if its secret is set."""
    if settings.db_owner_secret is None:
        return settings
    login = orjson.loads(settings.db_owner_secret.get_secret_value())
    owner = {"db_user": login["username"], "db_password": SecretStr(login["password"])}
    return settings.model_copy(update={**owner, "db_auth": DatabaseAuth.PASSWORD})


def _upgrade(connection: Connection, wait_seconds: float) -> None:
    # A lock of the session and not of the transaction, because each migration commits.
    connection.execute(text(f"SET lock_timeout = '{int(wait_seconds)}s'"))
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    before = _revision(connection)
    connection.commit()
    if before is not None and before > head():
        log.info("schema is ahead, as after a rollback; nothing to do", revision=before, head=head())
        return
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    log.info("schema is at head", revision=head(), before=before)


def _revision(connection: Connection) -> str | None:
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _line(error: BaseException | None) -> str:
    return " ".join(str(error).split())
