"""The middleware that asks for bearer tokens, and what the OpenAPI document says of it. Off, neither is installed."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.middleware.exempt import under
from app.problem_docs import problem_docs
from app.problems import problem, retry_after
from app.security.auth import Auth, TokenError, write_scope
from app.security.keys import KeysAwayError

_READS = {"GET", "HEAD", "OPTIONS"}
_WRITES = {"post", "put", "patch", "delete"}
_CHALLENGE = {"WWW-Authenticate": {"description": "RFC 6750.", "required": True, "schema": {"type": "string"}}}


# Fault injection, whose routes ask for a token of their own.
_OWN_GUARD = ("/faults", "/readyz")


class MissingScopeError(Exception):
    """A route that writes has no scope, so that nobody could use it, or everybody."""


class BearerAuth:
    """Lets a write through only with a token that allows it; before its body is read."""

    def __init__(self, app: ASGIApp, auth: Auth) -> None:
        self._app = app
        self._auth = auth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request if it may be."""
        if scope["type"] != "http" or scope["method"] in _READS or not is_guarded(scope["path"]):
            await self._app(scope, receive, send)
            return
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        try:
            await self._auth.authorise(given, write_scope(scope["path"]))
        except TokenError as error:
            answer = problem(error.status, error.description, headers={"WWW-Authenticate": error.challenge})
        except KeysAwayError:
            answer = problem(503, "the keys that verify tokens are away; try again", headers=retry_after(1))
        else:
            await self._app(scope, receive, send)
            return
        await answer(scope, receive, send)


def is_guarded(path: str) -> bool:
    """Return whether writes at this path need a token: all but those with a guard of their own."""
    return not under(path, _OWN_GUARD)


def check_write_scopes(routes: Iterable[BaseRoute]) -> None:
    """Raise MissingScopeError unless every route that writes has a scope, or a guard of its own."""
    missing = sorted(
        {
            route.path
            for route in routes
            if isinstance(route, Route)
            and not (route.methods or set()) <= _READS
            and is_guarded(route.path)
            and write_scope(route.path) is None
        }
    )
    if missing:
        raise MissingScopeError(
            f"no scope is declared for writes at {', '.join(missing)}; add it in app/security/auth.py"
        )


def document_bearer(app: FastAPI) -> None:
    """Make the OpenAPI document tell which operations need a token, and with which scope."""
    undocumented = app.openapi

    def openapi() -> dict[str, Any]:
        document = undocumented()
        document.setdefault("components", {})["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
        for path, operations in document["paths"].items():
            for method in _WRITES & operations.keys() if is_guarded(path) else ():
                scope = write_scope(path)
                operations[method]["security"] = [{"bearer": [scope] if scope else []}]
                for status, docs in problem_docs(401, 403).items():
                    operations[method]["responses"][str(status)] = {**docs, "headers": _CHALLENGE}
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's own documentation has it
