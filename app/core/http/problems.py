"""Errors as `application/problem+json` (RFC 9457): which field, and what is accepted."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import TypeVar

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from app.core.http.problem_docs import MEDIA_TYPE, FieldError, Problem, ProblemApi, problem_docs
from app.core.http.refusals import REFUSED
from app.core.postgres.outages import NOT_READY
from app.core.resilience.breaker import BreakerOpenError

__all__ = [
    "ConflictError",
    "FieldError",
    "InvalidFieldError",
    "PreconditionError",
    "Problem",
    "ProblemApi",
    "add_problem_handlers",
    "found",
    "problem",
    "problem_docs",
    "retry_after",
]

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
UNREADABLE = "There was an error parsing the body"
"""FastAPI's message for a body that is not readable for another reason than its syntax (fastapi/routing.py)."""
RETRY_AFTER_SECONDS = 1  # a failover or a restart of the database mostly takes no longer

log = structlog.get_logger()

T = TypeVar("T")


class FieldProblemError(Exception):
    """A value of the request is wrong; `status` is that of the response."""

    status = 422

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


class InvalidFieldError(FieldProblemError):
    """A value has the right type but is not valid here; the response is 422."""


class ConflictError(FieldProblemError):
    """The request conflicts with stored data; the response is 409."""

    status = 409


class PreconditionError(FieldProblemError):
    """The stored version is not the one that the client saw; the response is 412."""

    status = 412


def problem(
    status: int,
    detail: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response; it holds the id of the current request."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "errors": [{"field": error.field, "message": error.message} for error in errors],
    }
    return Response(orjson.dumps(body), status, headers, media_type=MEDIA_TYPE)


def found(entry: T | None, what: str, id: int) -> T:
    """Return the entry. Raises HTTPException with 404 if it is None."""
    if entry is None:
        raise HTTPException(404, f"there is no {what} {id}")
    return entry


def retry_after(seconds: float) -> dict[str, str]:
    """Return the header: whole seconds, at least 1."""
    return {"Retry-After": str(max(RETRY_AFTER_SECONDS, ceil(seconds)))}


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (narrows what Starlette cannot express)
    faults = [FieldError(field=".".join(map(str, e["loc"])), message=e["msg"]) for e in error.errors()]
    return problem(422, "the request is not valid", faults)


async def _field_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, FieldProblemError)  # noqa: S101
    return problem(error.status, str(error), [FieldError(field=error.field, message=error.message)])


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    detail, headers = str(error.detail), error.headers
    if error.status_code == 404 and request.method == "OPTIONS" and request.scope["path"] == "*":
        return Response(None, 204, {"Allow": ", ".join(_METHODS)})  # about the server as a whole
    if error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = "not found; /openapi.json lists the paths"
    if error.status_code == 400 and detail == UNREADABLE:
        detail = "the body cannot be parsed; send JSON in UTF-8, not deeply nested, with numbers of at most 4300 digits"
    if error.status_code == 405:
        # Starlette names only the methods of the first route with this path.
        allowed = ", ".join(method for method in _METHODS if _takes(request, method))
        if request.method == "OPTIONS":  # RFC 9110, 9.3.7
            return Response(None, 204, {"Allow": allowed})
        detail, headers = f"this path allows {allowed}", {**(headers or {}), "Allow": allowed}
    return problem(error.status_code, detail, headers=headers)


def _takes(request: Request, method: str) -> bool:
    if method == "OPTIONS":
        return True
    scope = {**request.scope, "method": "GET" if method == "HEAD" else method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


async def _database_unavailable(_request: Request, error: Exception) -> Response:
    log.warning("database unavailable", error=f"{type(error).__name__}: {error}".strip())
    return problem(503, "the database is unavailable; try again", headers=retry_after(RETRY_AFTER_SECONDS))


async def _breaker_open(request: Request, error: Exception) -> Response:
    # Not logged: the breaker logs its changes, and while it is open every request ends here.
    assert isinstance(error, BreakerOpenError)  # noqa: S101
    request.scope[REFUSED] = "breaker"
    detail = f"the {error.name} is unavailable; try again"
    return problem(503, detail, headers=retry_after(error.retry_after_seconds))


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every expected error with a problem; the Observe middleware does so for unexpected ones."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(FieldProblemError, _field_problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(BreakerOpenError, _breaker_open)
    for kind in NOT_READY:
        app.add_exception_handler(kind, _database_unavailable)
