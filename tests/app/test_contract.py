"""The application against its OpenAPI document: 10,000 valid and invalid generated requests, on a real database."""

import re
from collections.abc import Callable, Iterator
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

from app.api import create_app
from app.settings import Settings

REQUESTS = 10_000
ENTRIES = 60  # created at the start, of each resource
ROUNDS = 5  # at most; the first is usually enough
JOB = {"kind": "notify-user", "payload": {"user_id": 1, "message": "x"}}
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOKEN = "a token for drills"
DRILLS = ("/faults", "/readyz/")  # sent last, because their faults would affect all other requests
DRILL_CASES = 50  # of each operation with parameters or a body
PANIC = "/faults/panic"  # never sent: it would end this process
NEVER = {("GET", "/api/v1/upstream")}  # cannot succeed without an upstream
# Left out: `positive_data_acceptance`, because a valid request may find no entry, or an address that is in use;
# `unsupported_method`, because it sends TRACE, which the server does not pass on to the application.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
]


class Counted:
    """The application, with counts of its requests and statuses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.requests = 0
        self.statuses: dict[int, int] = {}
        self.succeeded: set[tuple[str, str]] = set()
        """Operations that were answered with 2xx."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_counted(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.requests += 1
                self.statuses[message["status"]] = self.statuses.get(message["status"], 0) + 1
                if message["status"] < 300:
                    self.succeeded.add((scope["method"], getattr(scope.get("route"), "path", "")))
            await send(message)

        await self._app(scope, receive, send_counted if scope["type"] == "http" else send)


@pytest.fixture
def app(database_url: str) -> Iterator[Counted]:
    settings = Settings(
        database_url=database_url,
        environment="test",
        rate_limit_per_second=0,
        queue_url="http://queue.invalid/jobs",  # never called: jobs stay in the outbox
        fault_token=TOKEN,
    )
    yield Counted(create_app(settings))
    shutdown_lifespans()


def existing(jobs: list[str]) -> Callable[..., dict[str, Any] | None]:
    """Return a hook that replaces most valid ids by those of existing entries."""

    def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        id = (path_parameters or {}).get("id")
        if type(id) is int and id > 0:
            id = id % ENTRIES + 1
        elif isinstance(id, str) and UUID_TEXT.fullmatch(id):
            id = jobs[int(id[:8], 16) % ENTRIES]
        return {**path_parameters, "id": id} if path_parameters and "id" in path_parameters else path_parameters

    return map_path_parameters


def send_generated(app: Counted, at_least: int) -> set[tuple[str, str]]:
    """Send a number of requests, the same ones in each run, to all operations; raise an error on a violation.

    Return the operations.
    """
    schema = schemathesis.openapi.from_asgi("/openapi.json", app).exclude(path=PANIC)
    schema.config.generation.update(with_security_parameters=False)  # a generated token always gets 403
    operations = [found.ok() for found in schema.get_all_operations()]
    usual = [operation for operation in operations if not operation.path.startswith(DRILLS)]
    with get_client(app) as session:
        jobs = []
        for number in range(ENTRIES):
            session.post("/api/v1/items", json={"name": f"item {number}"})
            session.post("/api/v1/users", json={"name": "x", "email": f"u{number}@example.com"})
            jobs.append(session.post("/api/v1/jobs", json=JOB).json()["id"])
        schema.hook(existing(jobs))
        varied = [operation for operation in usual if is_varied(operation)]
        for operation in usual:
            if operation not in varied:
                operation.Case().call_and_validate(session=session, checks=CHECKS)
        for round in range(ROUNDS):
            missing = at_least - app.requests
            if missing <= 0:
                break
            for operation in varied:
                share = missing // len(varied) + 1
                send_cases(operation, GenerationMode.POSITIVE, round, share * 2 // 3 + 1, session)
                send_cases(operation, GenerationMode.NEGATIVE, round, share // 3 + 1, session)
        for operation in operations:
            if operation not in usual:
                send_drill(operation, session)
    return {(operation.method.upper(), operation.path) for operation in operations}


def is_varied(operation: Any) -> bool:
    """Return whether the operation has parameters or a body to generate."""
    return bool(operation.body or list(operation.iter_parameters()))


def send_drill(operation: Any, session: Any) -> None:
    """Send an operation of the drills without a token, with a wrong one, and with the right one."""
    for headers in ({}, {"X-Fault-Token": "a token for nothing"}):
        operation.Case().call_and_validate(session=session, headers=headers, checks=CHECKS)
    headers = {"X-Fault-Token": TOKEN}
    if is_varied(operation):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            send_cases(operation, mode, 0, DRILL_CASES, session, headers)
    else:
        operation.Case().call_and_validate(session=session, headers=headers, checks=CHECKS)


def send_cases(
    operation: Any, mode: GenerationMode, number: int, count: int, session: Any, headers: Any = None
) -> None:
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
        case.call_and_validate(session=session, headers=headers, checks=CHECKS)

    send()


@pytest.mark.no_cover  # coverage comes from the other tests
@pytest.mark.timeout(900)
def test_generated_requests_conform_to_the_document(app: Counted) -> None:
    """No 5xx, and only documented statuses, types, headers and bodies; invalid requests are refused."""
    operations = send_generated(app, REQUESTS)

    assert app.requests >= REQUESTS
    assert not [status for status in app.statuses if status >= 500], app.statuses
    # Every operation succeeded at least once, and each kind of refusal occurred.
    assert operations - app.succeeded == NEVER
    assert {200, 201, 202, 204, 304, 400, 401, 403, 404, 409, 412, 422} <= set(app.statuses), app.statuses
