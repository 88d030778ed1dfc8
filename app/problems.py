"""Errors as `application/problem+json` (RFC 9457): which field, and what is accepted."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import errors as pg
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1  # a failed-over or restarted database is mostly back by then

log = structlog.get_logger()

T = TypeVar("T")
_SCHEMAS = "#/components/schemas/{model}"


class FieldError(BaseModel):
    """One fault in the request."""

    field: str = Field(examples=["body.email"])
    message: str = Field(examples=["String should have at least 1 character"])


class Problem(BaseModel):
    """What went wrong with a request."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no item 7"])
    request_id: str | None = Field(None, examples=["0b4e2c9f4a4b4f0c8d3f6c2f1f0a7d11"])
    errors: list[FieldError] = []


class InvalidFieldError(Exception):
    """A value passed its type but means nothing here; answered with 422."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


class ConflictError(Exception):
    """The request contradicts what is stored; answered with 409."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


def problem_docs(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` of a route that can answer with these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": _SCHEMAS.format(model="Problem")}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


class ProblemApi(FastAPI):
    """An application whose OpenAPI document defines Problem.

    FastAPI's own `model` of a response would also offer it as application/json, which it never is.
    """

    def openapi(self) -> dict[str, Any]:
        """Return the document."""
        document = super().openapi()
        schema = Problem.model_json_schema(ref_template=_SCHEMAS)
        document["components"]["schemas"] |= {**schema.pop("$defs"), "Problem": schema}
        return document


def problem(
    status: int,
    detail: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the answer; it carries the id of the request that is being served."""
    body = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        request_id=structlog.contextvars.get_contextvars().get("request_id"),
        errors=list(errors),
    )
    return JSONResponse(body.model_dump(), status, headers, media_type=MEDIA_TYPE)


def found(entry: T | None, what: str, id: int) -> T:
    """Return the entry, or answer with 404."""
    if entry is None:
        raise HTTPException(404, f"there is no {what} {id}")
    return entry


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (narrows what Starlette cannot express)
    faults = [FieldError(field=".".join(map(str, e["loc"])), message=e["msg"]) for e in error.errors()]
    return problem(422, "the request does not have the accepted form", faults)


async def _invalid_field(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InvalidFieldError)  # noqa: S101
    return problem(422, str(error), [FieldError(field=error.field, message=error.message)])


async def _conflict(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ConflictError)  # noqa: S101
    return problem(409, str(error), [FieldError(field=error.field, message=error.message)])


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    return problem(error.status_code, str(error.detail), headers=error.headers)


async def _database_away(_request: Request, error: Exception) -> JSONResponse:
    log.warning("database away", error=f"{type(error).__name__}: {error}".strip())
    return problem(
        503,
        "the database does not answer; try again",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every expected error as a problem; the unexpected ones are the Observe middleware's."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(InvalidFieldError, _invalid_field)
    app.add_exception_handler(ConflictError, _conflict)
    app.add_exception_handler(HTTPException, _http)
    # Unreachable, restarting, no longer primary, or not yet migrated: all pass, and none is the client's fault.
    for kind in (psycopg.OperationalError, psycopg.InterfaceError, pg.ReadOnlySqlTransaction, pg.UndefinedTable):
        app.add_exception_handler(kind, _database_away)
