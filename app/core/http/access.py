"""The scope that a write needs. Each route declares its own, beside its handler."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.routing import BaseRoute, Route

READ_METHODS = {"GET", "HEAD", "OPTIONS"}
_ATTRIBUTE = "__write_access__"

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """Who may use a route that writes."""

    scope: str | None
    """Scope that a bearer token needs; None: the route has a guard of its own, and needs no bearer token."""


class MissingScopeError(Exception):
    """A route that writes declares no scope."""


def write_scope(scope: str) -> Callable[[Handler], Handler]:
    """Declare the scope that a bearer token needs for this route; use it below the route's decorator."""
    return _declare(Access(scope))


def own_guard(handler: Handler) -> Handler:
    """Declare that this route checks its callers itself, and needs no bearer token."""
    return _declare(Access(None))(handler)


def access_of(route: BaseRoute) -> Access | None:
    """Return what the route declares; None if nothing."""
    found = getattr(getattr(route, "endpoint", None), _ATTRIBUTE, None)
    return found if isinstance(found, Access) else None


def writes(route: BaseRoute) -> bool:
    """Return whether the route has a method that writes."""
    return isinstance(route, Route) and not (route.methods or set()) <= READ_METHODS


def check_write_scopes(routes: Iterable[BaseRoute]) -> None:
    """Raise MissingScopeError unless every route that writes declares a scope, or a guard of its own."""
    missing = sorted(
        {route.path for route in routes if isinstance(route, Route) and writes(route) and access_of(route) is None}
    )
    if missing:
        raise MissingScopeError(
            f"no scope is declared for writes at {', '.join(missing)}; "
            'put @write_scope("NAME:write") of app/core/http/access.py on the handler'
        )


class WriteAccess:
    """Finds what the routes of an application declare, by method and path."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._declared: list[tuple[re.Pattern[str], set[str], Access]] = [
            (route.path_regex, route.methods or set(), access)
            for route in routes
            if isinstance(route, Route) and (access := access_of(route)) is not None
        ]

    def find(self, method: str, path: str) -> Access | None:
        """Return the access for a write; None if no route declares any for this path.

        For a method that no route has at this path it is that of the other methods: the response is then a 405.
        """
        at_path = [(methods, access) for regex, methods, access in self._declared if regex.match(path)]
        return next((access for methods, access in at_path if method in methods), at_path[0][1] if at_path else None)


def _declare(access: Access) -> Callable[[Handler], Handler]:
    def decorate(handler: Handler) -> Handler:
        setattr(handler, _ATTRIBUTE, access)
        return handler

    return decorate
