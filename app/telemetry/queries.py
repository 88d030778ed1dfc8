"""The span of a statement: its operation and table, never a value."""

import re
from functools import lru_cache

from app.telemetry.tracing import Spanning, Tracing

# In every statement of the service the first table is the main one.
_OPERATION = re.compile(rb"\s*(\w+)")
_TABLE = re.compile(rb"\b(?:FROM|INTO|UPDATE)\s+\"?(\w+)", re.IGNORECASE)


def query_span(tracing: Tracing, statement: bytes) -> Spanning:
    """Return the client span of a statement, named by the conventions of OpenTelemetry: `SELECT items`."""
    name, attributes = _summary(statement)
    return tracing.span(name, "client", attributes)


@lru_cache(maxsize=1024)
def _summary(statement: bytes) -> tuple[str, dict[str, str | int]]:
    operation = match[1].decode().upper() if (match := _OPERATION.match(statement)) else "SQL"
    attributes: dict[str, str | int] = {"db.system.name": "postgresql", "db.operation.name": operation}
    found = _TABLE.search(statement)
    if found is None:
        return operation, attributes
    table = found[1].decode()
    return f"{operation} {table}", attributes | {"db.collection.name": table}
