"""The settings of the service that Drydock sets itself, so a stack must not."""

from collections.abc import Mapping

_DATABASE = "Drydock, from the database"
_QUEUE = "Drydock, from the queue"
_POD = "Drydock, for its pods"

SET_BY: Mapping[str, str] = {
    "AWS_REGION": "region",
    "DATABASE_URL": _DATABASE,
    "DB_AUTH": _DATABASE,
    "DB_HOST": _DATABASE,
    "DB_NAME": _DATABASE,
    "DB_OWNER_SECRET": _DATABASE,
    "DB_PASSWORD": _DATABASE,
    "DB_PORT": _DATABASE,
    "DB_SSLMODE": "database.sslMode",
    "DB_USER": _DATABASE,
    "DEAD_LETTER_QUEUE_URL": _QUEUE,
    "DRAIN_SECONDS": "service.drainSeconds",
    "ENVIRONMENT": "the name of the stack",
    "FAULT_TOKEN": "service.faultInjection",
    "HOST": _POD,
    "JOB_MAX_ATTEMPTS": _QUEUE,
    "JOB_VISIBILITY_SECONDS": _QUEUE,
    "LOG_LEVEL": "service.logLevel",
    "MAX_CONNECTIONS": "service.maxConnections",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "service.otlpEndpoint",
    "PORT": _POD,
    "QUEUE_URL": _QUEUE,
    "RATE_LIMIT_PER_SECOND": "service.rateLimitPerSecond",
    "SECRETS_DIR": _POD,
    "SHUTDOWN_GRACE_SECONDS": "service.shutdownSeconds",
    "UPSTREAM_URL": "service.upstreamUrl",
}
"""Name of a setting -> what sets it."""
