"""The model of a problem, and its part of the OpenAPI document."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"

_SCHEMAS = "#/components/schemas/{model}"
_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait before a retry.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 1,
    }
}
_BUSY = {429, 503}

# status -> detail, and the error of a field if there is one
_EXAMPLES: dict[int, tuple[str, tuple[str, str] | None]] = {
    400: ("There was an error parsing the body", None),
    401: ("send a bearer token, as in Authorization: Bearer TOKEN", None),
    403: ("the token lacks the scope", None),
    404: ("there is no item 7", None),
    409: (
        "body.email: this email is already in use",
        ("body.email", "this email is already in use"),
    ),
    412: (
        "header.if-match: must be the ETag of the current version",
        ("header.if-match", "must be the ETag of the current version"),
    ),
    413: ("a body may have at most 1048576 bytes", None),
    422: (
        "the request is not valid",
        ("body.name", "String should have at least 1 character"),
    ),
    429: ("too many requests from this client; try again", None),
    503: ("the database is unavailable; try again", None),
}


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


def problem_docs(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` of a route for these error statuses."""
    return {status: _response(status) for status in statuses}


def _response(status: int) -> dict[str, Any]:
    schema = {"$ref": _SCHEMAS.format(model="Problem")}
    content = {MEDIA_TYPE: {"schema": schema, "example": _example(status)}}
    response = {"description": HTTPStatus(status).phrase, "content": content}
    return {**response, "headers": _RETRY_AFTER} if status in _BUSY else response


def _example(status: int) -> dict[str, Any]:
    phrase = HTTPStatus(status).phrase
    detail, fault = _EXAMPLES.get(status, (phrase, None))
    return {
        "type": "about:blank",
        "title": phrase,
        "status": status,
        "detail": detail,
        "request_id": "0b4e2c9f4a4b4f0c8d3f6c2f1f0a7d11",
        "errors": [{"field": fault[0], "message": fault[1]}] if fault else [],
    }


class ProblemApi(FastAPI):
    """An application whose OpenAPI document defines Problem.

    FastAPI's own `model` of a response would also offer it as application/json, which it never is.
    """

    def openapi(self) -> dict[str, Any]:
        """Return the document."""
        document = super().openapi()
        schema = Problem.model_json_schema(ref_template=_SCHEMAS)
        document.setdefault("components", {}).setdefault("schemas", {}).update(
            {**schema.pop("$defs"), "Problem": schema}
        )
        return document
