"""The documentation of headers that several resources have, for the OpenAPI document."""

from typing import Any

from app.resources.idempotency import PARAMETER, REPLAYED_DOCS

Docs = dict[int | str, dict[str, Any]]

_ETAG = {"description": "The version of the entry, for If-Match and If-None-Match.", "schema": {"type": "string"}}
_LAST_MODIFIED = {
    "description": "Time of the last write, for If-Modified-Since and If-Unmodified-Since.",
    "schema": {"type": "string"},
}
_VALIDATORS = {"ETag": {**_ETAG, "required": True, "example": '"3"'}, "Last-Modified": _LAST_MODIFIED}
_LOCATION = {"description": "URL of the new entry.", "schema": {"type": "string"}}
_STALE = {
    "X-Degraded": {
        "description": "Name of the unavailable dependency; the response is the last good one of this process.",
        "schema": {"type": "string", "enum": ["database"]},
    },
    "Age": {"description": "Age in seconds of a degraded response.", "schema": {"type": "integer", "minimum": 0}},
    "Warning": {"description": '`110 - "Response is Stale"` on a degraded response.', "schema": {"type": "string"}},
}

LIST_DOCS: Docs = {200: {"headers": _STALE}}
READ_DOCS: Docs = {
    200: {"headers": {**_VALIDATORS, **_STALE}},
    304: {"description": "The client has the current version.", "headers": _VALIDATORS},
}
REPLACED_DOCS: Docs = {200: {"headers": _VALIDATORS}}
CREATED_DOCS: Docs = {
    201: {
        "headers": {
            "Location": {**_LOCATION, "required": True, "example": "/api/v1/items/1"},
            "ETag": {**_ETAG, "required": True, "example": '"1"'},
            "Idempotency-Replayed": REPLAYED_DOCS,
        }
    }
}


def link_docs() -> Docs:
    """Return the headers of a plain list."""
    link = {"description": "`rel=next`: the next page, if there is one.", "schema": {"type": "string"}}
    return {200: {"headers": {"Link": link, **_STALE}}}


def _header(name: str, description: str, example: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }


# As openapi_extra and not as parameters of the handlers: FastAPI would parse the headers for every request.
IDEMPOTENCY_KEY = {"parameters": [PARAMETER]}
IF_MATCH = {
    "parameters": [_header("If-Match", "Write only if the entry has this ETag; otherwise the response is 412.", '"3"')]
}
IF_NONE_MATCH = {
    "parameters": [_header("If-None-Match", "ETag that the client has; the response is 304 if it is current.", '"3"')]
}
