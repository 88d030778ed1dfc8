"""Settings of the service that Drydock sets itself and a stack must not set."""

from collections.abc import Iterable, Iterator, Mapping

_DATABASE = "Drydock, from the database"
_EDGE = "Drydock, from the load balancer"
_QUEUE = "Drydock, from the queue"
_POD = "Drydock, for its pods"
_SDK = "EKS Pod Identity or region"

SET_BY: Mapping[str, str] = {
    "ADMIN_PORT": "service.adminPort",
    "AUTH_AUDIENCE": "service.auth",
    "AUTH_ISSUER": "service.auth",
    "AUTH_JWKS_URL": "service.auth",
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
    "KEEP_ALIVE_SECONDS": _EDGE,
    "LOG_LEVEL": "service.logLevel",
    "MAX_CONNECTIONS": "service.maxConnections",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "service.otlpEndpoint",
    "PGSSLROOTCERT": "the image",
    "PORT": _POD,
    "QUEUE_URL": _QUEUE,
    "RATE_LIMIT_PER_SECOND": "service.rateLimitPerSecond",
    "SECRETS_DIR": _POD,
    "SHUTDOWN_GRACE_SECONDS": "service.shutdownSeconds",
    "TRUSTED_HOPS": "edge.cloudfront",
    "TRUSTED_PROXY_CIDRS": _EDGE,
    "UPSTREAM_URL": "service.upstreamUrl",
}
"""Name of a setting -> its source."""

# Every service gets only these; the others belong to the bundled service.
EVERY_SERVICE = {
    name: by
    for name, by in SET_BY.items()
    if name.startswith("DB_")
    or name
    in {
        "AWS_REGION",
        "DEAD_LETTER_QUEUE_URL",
        "DRAIN_SECONDS",
        "ENVIRONMENT",
        "HOST",
        "JOB_MAX_ATTEMPTS",
        "JOB_VISIBILITY_SECONDS",
        "PORT",
        "QUEUE_URL",
        "SECRETS_DIR",
    }
} | {
    "DB_MAX_CONNECTIONS": "database.maxConnections",
    "PGSSLROOTCERT": _DATABASE,
    "SHUTDOWN_GRACE_SECONDS": "shutdownSeconds",
}


def every_service_problems(path: str, names: Iterable[str]) -> Iterator[str]:
    """Find names that Drydock sets for any service, as `reserved_problems` does for the bundled one."""
    yield from _taken(path, names, EVERY_SERVICE)


def reserved_problems(path: str, names: Iterable[str]) -> Iterator[str]:
    """Find names that Drydock sets itself.

    AWS's SDKs read credentials, region and endpoints from variables that begin with `AWS_`, and prefer most of them to
    those of EKS Pod Identity: https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
    """
    yield from _taken(path, names, SET_BY)


def _taken(path: str, names: Iterable[str], set_by: Mapping[str, str]) -> Iterator[str]:
    for name in names:
        if found := set_by.get(name) or (_SDK if name.startswith("AWS_") else None):
            yield f"{path}: must not have {name}, which is set by {found}"
