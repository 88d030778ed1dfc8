"""The middleware that requires bearer tokens for writes, and its part of the OpenAPI document. Off by default."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.http.access import READ_METHODS, WriteAccess, access_of
from app.core.http.problem_docs import problem_docs
from app.core.http.problems import problem, retry_after
from app.security.auth import Auth, TokenError
from app.security.keys import KeysUnavailableError

_CHALLENGE = {"WWW-Authenticate": {"description": "RFC 6750.", "required": True, "schema": {"type": "string"}}}


class BearerAuth:
    """Refuses a write without a token that allows it, before the body is read.

    `access` returns the scope that a write needs. If no route declares one for the path, every token is refused.
    """

    def __init__(self, app: ASGIApp, auth: Auth, access: WriteAccess) -> None:
        self._app = app
        self._auth = auth
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request if its token allows it."""
        if scope["type"] != "http" or scope["method"] in READ_METHODS:
            await self._app(scope, receive, send)
            return
        declared = self._access.find(scope["method"], scope["path"])
        if declared is not None and declared.scope is None:  # the route has a guard of its own
            await self._app(scope, receive, send)
            return
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        try:
            await self._auth.authorise(given, declared.scope if declared is not None else None)
        except TokenError as error:
            refusal = problem(error.status, error.description, headers={"WWW-Authenticate": error.challenge})
        except KeysUnavailableError:
            refusal = problem(503, "the keys that verify tokens are unavailable; try again", headers=retry_after(1))
        else:
            await self._app(scope, receive, send)
            return
        await refusal(scope, receive, send)


def document_bearer(app: FastAPI) -> None:
    """Add to the OpenAPI document which operations need a token, and which scope."""
    undocumented = app.openapi

    def openapi() -> dict[str, Any]:
        document = undocumented()
        document.setdefault("components", {})["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
        for route in app.routes:
            access = access_of(route)
            if access is None or access.scope is None or not isinstance(route, APIRoute) or not route.include_in_schema:
                continue
            for method in (route.methods or set()) - READ_METHODS:
                operation = document["paths"][route.path_format][method.lower()]
                operation["security"] = [{"bearer": [access.scope]}]
                for status, docs in problem_docs(401, 403).items():
                    operation["responses"][str(status)] = {**docs, "headers": _CHALLENGE}
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation describes it
