"""The OpenAPI document against the application: 10,000 generated requests, good and bad, on a real database."""

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
ENTRIES = 60  # of each resource at the start
ROUNDS = 5  # most; the first is mostly enough
JOB = {"kind": "notify-user", "payload": {"user_id": 1, "message": "x"}}
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOKEN = "a token for drills"
DRILLS = ("/faults", "/readyz/")  # sent last, because what they inject would meet all other requests
DRILL_CASES = 50  # of each operation that takes something
PANIC = "/faults/panic"  # never sent: it would end this process
NEVER = {("GET", "/api/v1/upstream")}  # has no success, as there is no upstream
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
    """The application, with a count of the requests it got, and of the statuses it gave."""

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
        queue_url="http://queue.invalid/jobs",  # never called: what is submitted waits in the outbox
        fault_token=TOKEN,
    )
    yield Counted(create_app(settings))
    shutdown_lifespans()


def existing(jobs: list[str]) -> Callable[..., dict[str, Any] | None]:
    """Return a hook that lets most valid ids be those of entries that exist: a generated one finds nothing."""

    def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        id = (path_parameters or {}).get("id")
        if type(id) is int and id > 0:
            id = id % ENTRIES + 1
        elif isinstance(id, str) and UUID_TEXT.fullmatch(id):
            id = jobs[int(id[:8], 16) % ENTRIES]
        return {**path_parameters, "id": id} if path_parameters and "id" in path_parameters else path_parameters

    return map_path_parameters


def send_generated(app: Counted, at_least: int) -> set[tuple[str, str]]:
    """Send so many requests, the same ones each time, spread over all operations; raise what breaks the contract.

    Return the operations.
    """
    schema = schemathesis.openapi.from_asgi("/openapi.json", app).exclude(path=PANIC)
    schema.config.generation.update(with_security_parameters=False)  # a made-up token only ever gets 403
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
    """Return whether there is anything to generate for it."""
    return bool(operation.body or list(operation.iter_parameters()))


def send_drill(operation: Any, session: Any) -> None:
    """Send an operation of the switches with no token, with a wrong one, and with the right one."""
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


@pytest.mark.no_cover  # the other tests are what covers
@pytest.mark.timeout(900)
def test_no_generated_request_breaks_the_document(app: Counted) -> None:
    """No 5xx, and no status, type, header or body that the document does not name; what is invalid is refused."""
    operations = send_generated(app, REQUESTS)

    assert app.requests >= REQUESTS
    assert not [status for status in app.statuses if status >= 500], app.statuses
    # Every operation got past its validation once, and each kind of refusal was met.
    assert operations - app.succeeded == NEVER
    assert {200, 201, 202, 204, 304, 400, 401, 403, 404, 409, 412, 422} <= set(app.statuses), app.statuses
