"""JSON logs, one object per line, on stdout; e-mail addresses, passwords and tokens are redacted."""

import logging
import sys
from typing import Any

import orjson
import structlog

from app.settings import LogLevel
from app.telemetry.access_log import access_log
from app.telemetry.redaction import redact, redact_value
from app.telemetry.trace import current_trace_id

_QUIET = {
    "psycopg.pool": logging.WARNING,  # at info it logs every checkout
    "uvicorn.error": logging.WARNING,  # the service logs its start and end itself
    "alembic": logging.WARNING,
    "opentelemetry": logging.ERROR,  # at warning it logs every retry while a collector is unavailable
    "urllib3": logging.WARNING,  # at debug it logs every batch of spans
}


def _redact_event(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # Also redacts what libraries put into exception texts, such as PostgreSQL's "Key (email)=(...) already exists".
    redacted: structlog.typing.EventDict = redact_value(event)
    return redacted


def _add_trace_id(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    trace_id = current_trace_id()
    if trace_id is not None:
        event["trace_id"] = trace_id
    return event


def _add_search_fields(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # Common queries search for `|= "ERROR"` and `| json | correlation_id="..."`, and would silently find nothing.
    event["level"] = event["level"].upper()
    if "request_id" in event:
        event["correlation_id"] = event["request_id"]
    return event


def _dumps(event: Any, **_options: Any) -> bytes:
    return orjson.dumps(event, default=lambda value: redact(str(value)), option=orjson.OPT_NON_STR_KEYS)


def _dumps_text(event: Any, **options: Any) -> str:
    return _dumps(event, **options).decode()


def configure_logging(level: LogLevel) -> None:
    """Send structlog's and the standard library's records to stdout as JSON."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_trace_id,
        structlog.processors.add_log_level,
        _add_search_fields,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, _redact_event, structlog.processors.JSONRenderer(serializer=_dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _redact_event,
                structlog.processors.JSONRenderer(serializer=_dumps_text),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=number, force=True)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(number, least))
    access_log.configure(level)
