"""Settings -> libpq connection string, the same for the service and for migrations."""

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.core.postgres.sign_in import iam_token
from app.settings import DatabaseAuth, Settings

DEFAULTS: dict[str, str | int | None] = {
    "application_name": "drydock-app",
    "connect_timeout": 5,  # s
    # A server that is gone without closing its connections (failover, lost node) is noticed in about 10 s, not 15 min.
    "keepalives_idle": 10,  # s
    "keepalives_interval": 3,  # s
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # ms
    # After a failover the old primary may come back as a read-only replica: do not connect to it.
    "target_session_attrs": "read-write",
}


def statement_seconds(settings: Settings) -> float:
    """Return the timeout of a statement: half of a request's, so that the request can still return an error."""
    return settings.request_timeout_seconds / 2


def conninfo(settings: Settings, options: str | None = None) -> str:
    """Return the connection string. DATABASE_URL takes precedence over the defaults here.

    `options` are the server options of the session; by default the limits of a request's connection.
    """
    if settings.database_url is not None:
        configured: dict[str, str | int | None] = dict(conninfo_to_dict(settings.database_url.get_secret_value()))
        tls = {"sslmode": settings.db_sslmode.value} if settings.db_sslmode else {}
    else:
        configured = {
            "host": settings.db_host,
            "port": settings.db_port,
            "dbname": settings.db_name,
            "user": settings.db_user,
            "password": _password(settings),
        }
        tls = {"sslmode": settings.db_sslmode.value if settings.db_sslmode else "verify-full"}
    params = {**DEFAULTS, **tls, **configured}
    params["options"] = (
        f"{_session(settings) if options is None else options} {configured.get('options') or ''}".strip()
    )
    return make_conninfo("", **{key: value for key, value in params.items() if value is not None})


def _password(settings: Settings) -> str | None:
    if settings.db_auth is DatabaseAuth.IAM and settings.db_host and settings.db_user:
        return iam_token(settings.db_host, settings.db_port, settings.db_user)
    return settings.db_password.get_secret_value() if settings.db_password else None


def _session(settings: Settings) -> str:
    # Enforced by the server, so a slow statement frees its connection even if this process is gone. 0 means no limit.
    statement = max(1, round(statement_seconds(settings) * 1000))
    idle = max(1, round(settings.request_timeout_seconds * 1000))
    limits = f"-c statement_timeout={statement}ms -c idle_in_transaction_session_timeout={idle}ms"
    return f"{limits} -c TimeZone=UTC"  # responses are in UTC, so no conversion is needed
