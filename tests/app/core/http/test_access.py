"""The scopes that routes declare."""

import re

import pytest
from fastapi import FastAPI, Request

from app.api import FEATURES, create_app
from app.core.context import AppContext, Feature
from app.core.http.access import (
    Access,
    MissingScopeError,
    WriteAccess,
    access_of,
    check_write_scopes,
    own_guard,
    write_scope,
    writes,
)
from app.settings import Settings
from tests.app.features import Removable, needs, present

NOWHERE = Settings(database_url="postgresql://nobody@127.0.0.1/none", fault_token="a token for drills")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "FUTURE"])
@pytest.mark.parametrize("path", ["/api/v1/things", "/api/v1/itemsx/{id}", "/things", "/"])
def test_rejects_an_application_with_a_write_that_has_no_scope(method: str, path: str) -> None:
    """The error names the path and the solution."""
    app = FastAPI()
    app.add_api_route("/api/v1/items/{id}", write_scope("items:write")(lambda: None), methods=["GET", "PUT"])
    app.add_api_route("/faults/delay", own_guard(lambda: None), methods=["PUT"])
    app.add_api_route(path, lambda: None, methods=["GET"])
    check_write_scopes(app.routes)
    app.add_api_route(path, lambda: None, methods=[method])

    with pytest.raises(MissingScopeError, match=rf"writes at {re.escape(path)}; put @write_scope\("):
        check_write_scopes(app.routes)


def test_the_service_does_not_start_with_a_write_that_has_no_scope() -> None:
    """Even if AUTH_JWKS_URL is not set."""

    def careless(_context: AppContext) -> Feature:
        app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        app.add_api_route("/api/v1/secrets", lambda: None, methods=["POST"])
        return Feature(routers=[app.router])

    with pytest.raises(MissingScopeError, match=r"writes at /api/v1/secrets;"):
        create_app(NOWHERE, features=[*FEATURES, careless])


def test_every_write_of_the_service_declares_its_scope() -> None:
    """The expected list is spelled out, so a change of a scope requires a change of this test."""
    routes = [route for route in create_app(NOWHERE).routes if writes(route)]
    declared = {route.path: access_of(route) for route in routes}

    expected = {
        "/api/v1/items": Access("items:write"),
        "/api/v1/items/{id}": Access("items:write"),
        "/api/users": Access("users:write"),
        "/api/v1/users": Access("users:write"),
        "/api/v1/users/{id}": Access("users:write"),
    }
    of_features: dict[Removable, dict[str, Access]] = {
        "jobs": {"/api/v1/jobs": Access("jobs:write")},
        "web": {"/user": Access("users:write")},
        "faults": {
            "/faults": Access(None),
            "/faults/readiness": Access(None),
            "/faults/delay": Access(None),
            "/faults/status": Access(None),
            "/faults/panic": Access(None),
            "/readyz/disable": Access(None),
            "/readyz/enable": Access(None),
        },
    }
    for feature, paths in of_features.items():
        expected |= paths if present(feature) else {}
    assert declared == expected


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/api/v1/items", "items:write"),
        ("/api/v1/items/7", "items:write"),
        ("/api/v1/users/7", "users:write"),
        ("/api/users", "users:write"),
        pytest.param("/user", "users:write", marks=needs("web")),
        pytest.param("/api/v1/jobs", "jobs:write", marks=needs("jobs")),
        ("/api/v1/itemsx", None),
        ("/api/v2/items", None),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "FUTURE"])
def test_the_path_determines_the_scope(method: str, path: str, scope: str | None) -> None:
    """Whole segments are compared. A method that the path does not have needs the same scope."""
    found = WriteAccess(create_app(NOWHERE).routes).find(method, path)

    assert (found.scope if found is not None else None) == scope


def test_methods_of_one_path_may_require_different_scopes() -> None:
    """If several methods declare a scope, the scope of the method applies."""
    app = FastAPI()

    async def handler(request: Request) -> None:
        """Do nothing."""

    async def other(request: Request) -> None:
        """Do nothing."""

    app.add_api_route("/things/{id}", write_scope("things:write")(handler), methods=["PUT"])
    app.add_api_route("/things/{id}", write_scope("things:admin")(other), methods=["DELETE"])
    access = WriteAccess(app.routes)

    assert access.find("PUT", "/things/1") == Access("things:write")
    assert access.find("DELETE", "/things/1") == Access("things:admin")
