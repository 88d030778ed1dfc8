"""The OpenAPI document against the application: 10,000 generated requests, good and bad, on a real database."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation.modes import GenerationMode
from schemathesis.python.asgi import get_client, shutdown_lifespans
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from app.main import create_app
from app.settings import Settings

REQUESTS = 10_000
ENTRIES = 60  # of each resource at the start
ROUNDS = 5  # most; the first is mostly enough
# Not among them: `positive_data_acceptance`, because a valid request may well find no entry, or an address taken;
# `unsupported_method`, because it sends TRACE, which no server here lets through to the application.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
]


class Counted:
    """The application, with a count of the requests it got and of the statuses it gave."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.requests = 0
        self.statuses: dict[int, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_counted(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.requests += 1
                self.statuses[message["status"]] = self.statuses.get(message["status"], 0) + 1
            await send(message)

        await self._app(scope, receive, send_counted if scope["type"] == "http" else send)


@pytest.fixture
def app(database_url: str) -> Iterator[Counted]:
    app = Counted(create_app(Settings(database_url=database_url, environment="test", rate_limit_per_second=0)))
    yield app
    shutdown_lifespans()


def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Let most valid ids be those of entries that exist: a generated one of 64 bits finds nothing."""
    id = (path_parameters or {}).get("id")
    return {**(path_parameters or {}), "id": id % ENTRIES + 1} if type(id) is int and id > 0 else path_parameters


def send_generated(app: Counted, at_least: int) -> None:
    """Send so many requests, the same ones each time, spread over all operations; raise what breaks the contract."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    schema.hook(map_path_parameters)
    with get_client(app) as session:
        for number in range(ENTRIES):
            session.post("/api/v1/items", json={"name": f"item {number}"})
            session.post("/api/v1/users", json={"name": "x", "email": f"u{number}@example.com"})
        varied = [operation for operation in operations if operation.body or list(operation.iter_parameters())]
        for operation in operations:
            if operation not in varied:
                operation.Case().call_and_validate(session=session, checks=CHECKS)
        for round in range(ROUNDS):
            missing = at_least - app.requests
            if missing <= 0:
                return
            for operation in varied:
                share = missing // len(varied) + 1
                send_cases(operation, GenerationMode.POSITIVE, round, share * 2 // 3 + 1, session)
                send_cases(operation, GenerationMode.NEGATIVE, round, share // 3 + 1, session)


def send_cases(operation: Any, mode: GenerationMode, number: int, count: int, session: Any) -> None:
    """Send up to `count` cases of one operation."""

    @seed(number)
    @hypothesis_settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        case.call_and_validate(session=session, checks=CHECKS)

    send()


@pytest.mark.no_cover  # the other tests are what covers
@pytest.mark.timeout(600)
def test_no_generated_request_breaks_the_document(app: Counted) -> None:
    """No 5xx, and no status, type, header or body that the document does not name; what is invalid is refused."""
    send_generated(app, REQUESTS)

    assert app.requests >= REQUESTS
    assert not [status for status in app.statuses if status >= 500], app.statuses
    # The requests got past the validation, and some did not.
    assert {200, 201, 204, 404, 422} <= set(app.statuses), app.statuses
