"""Requests are counted, logged, recorded and traced; unexpected errors get a problem."""

import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Response
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from app.core.http.middleware.observe import Observe
from app.core.http.middleware.request_id import RequestId
from app.core.http.refusals import REFUSED
from app.core.postgres.database import Database
from app.resources.table import Table
from app.settings import LogLevel, Settings
from app.telemetry.access_log import access_log
from app.telemetry.metrics import Metrics
from app.telemetry.tracing import Tracing
from tests.support.otlp_collector import attributes, otlp_collector

TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01"}


class Notes:
    """A recorder that keeps its calls."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, bool, bool]] = []

    def record(self, status: int, seconds: float, read: bool, stale: bool) -> None:
        assert seconds >= 0
        self.seen.append((status, read, stale))


@pytest.fixture
def metrics(settings: Settings) -> Metrics:
    return Metrics("test")


@pytest.fixture
def access_lines(capfdbinary: pytest.CaptureFixture[bytes]) -> Iterator[Any]:
    """A function that returns the new log lines of requests."""
    access_log.configure(LogLevel.DEBUG)
    yield lambda: [json.loads(line) for line in capfdbinary.readouterr().out.splitlines() if b'"request"' in line]
    access_log.reset()


@asynccontextmanager
async def observed(app: Any, metrics: Metrics, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of `app` behind this middleware and RequestId."""
    transport = httpx.ASGITransport(RequestId(Observe(app, metrics=metrics, **more)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


def answering(status: int = 200, headers: dict[str, str] | None = None, refused: str | None = None) -> Any:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if refused:
            scope[REFUSED] = refused
        await Response(status_code=status, headers=headers)(scope, receive, send)

    return app


async def requests(client: httpx.AsyncClient) -> dict[tuple[str, str, str], float]:
    families = text_string_to_metric_families((await client.get("/metrics")).text)
    samples = next(family.samples for family in families if family.name == "http_requests")
    return {
        (s.labels["method"], s.labels["route"], s.labels["status"]): s.value
        for s in samples
        if s.name == "http_requests_total"
    }


async def test_requests_are_counted_by_route_template(client: httpx.AsyncClient) -> None:
    """Probes and scrapes are not counted: they would improve the service levels without any user."""
    for id in range(1, 4):
        await client.get(f"/api/v1/items/{id}")
        await client.request("BREW", f"/nowhere/{id}")
    await client.get("/health/live")

    counted = await requests(client)
    assert counted["GET", "/api/v1/items/{id}", "404"] == 3
    assert counted["OTHER", "unmatched", "404"] == 3
    assert len(counted) == 2


async def test_the_number_of_series_is_bounded(metrics: Metrics) -> None:
    """A thousand random paths and methods make no more series than the routes and methods of the application."""
    chance = random.Random(4)
    app = FastAPI()

    @app.get("/things/{id}")
    async def thing(id: str) -> str:
        return id

    letters = "abcdefghijklmnopqrstuvwxyz0123456789-_.~%"
    async with observed(app, metrics) as client:
        for _ in range(1_000):
            word = "".join(chance.choices(letters, k=chance.randint(1, 30)))
            method = chance.choice(["GET", "HEAD", "POST", "PUT", "DELETE", "BREW", word.upper().strip("%.~-_") or "X"])
            with suppress(httpx.InvalidURL, httpx.LocalProtocolError):
                await client.request(method, chance.choice(["/things/", "/", "/x/"]) + word)

    series = [
        sample.labels
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name in ("http_requests_total", "http_request_duration_seconds_count")
    ]
    assert 5 < len(series) < 50
    assert {labels["route"] for labels in series} == {"/things/{id}", "unmatched"}
    assert "OTHER" in {labels["method"] for labels in series}


async def test_an_unexpected_error_is_a_problem_and_is_logged(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer has no internals, the log has the traceback, and the 500 is counted."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(Table, "read", broken)
    with capture_logs() as lines:
        response = await client.get("/api/v1/items/1")

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "inside" not in response.text
    assert response.headers["X-Frame-Options"] == "DENY"
    assert [line["exc_info"] for line in lines if line["event"] == "request failed"] == [True]
    assert (await requests(client))["GET", "/api/v1/items/{id}", "500"] == 1


async def test_an_error_after_the_status_was_sent_is_raised(metrics: Metrics) -> None:
    """The status cannot change any more; the server closes the connection on the exception."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        raise ZeroDivisionError

    async def ignore(_message: Message) -> None:
        pass

    scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
    with capture_logs() as lines, pytest.raises(ZeroDivisionError):
        await Observe(app, metrics=metrics)(scope, ignore, ignore)  # type: ignore[arg-type]

    assert [line["event"] for line in lines] == ["request failed"]
    assert metrics.in_flight == 0


async def test_a_request_is_logged_in_one_line_without_its_query(client: httpx.AsyncClient, access_lines: Any) -> None:
    """Probes are logged at debug level."""
    await client.get("/api/v1/items?limit=3", headers={"X-Request-ID": "r1"})
    await client.get("/health/live")
    await client.get("/users/ada@example.com")

    lines = access_lines()
    assert [(line["level"], line["path"], line["status"]) for line in lines] == [
        ("INFO", "/api/v1/items", 200),
        ("DEBUG", "/health/live", 200),
        ("INFO", "[email]", 404),
    ]
    assert lines[0]["request_id"] == "r1"
    assert "ada" not in json.dumps(lines)


async def test_the_log_line_has_the_trace_id_of_the_caller(metrics: Metrics, access_lines: Any) -> None:
    """Also while tracing is off; without a valid header there is no trace id."""
    tracing = Tracing(Settings(database_url="postgresql://db/app"), "test")
    async with observed(answering(), metrics, tracing=tracing) as client:
        await client.get("/x", headers=TRACEPARENT)
        await client.get("/x", headers={"traceparent": "nonsense"})
        await client.get("/x")

    assert [line.get("trace_id") for line in access_lines()] == [TRACE_ID, None, None]
    assert tracing.current_trace_id() is None
    assert b"trace_id" not in openmetrics(metrics.registry)


@pytest.mark.parametrize(
    ("method", "status", "headers", "recorded"),
    [
        ("GET", 200, None, (200, True, False)),
        ("HEAD", 404, None, (404, True, False)),
        ("POST", 201, None, (201, False, False)),
        ("GET", 200, {"X-Degraded": "database"}, (200, True, True)),
    ],
)
async def test_every_request_is_recorded(
    method: str, status: int, headers: dict[str, str] | None, recorded: tuple[int, bool, bool], metrics: Metrics
) -> None:
    """The service levels are computed from the records."""
    notes = Notes()
    async with observed(answering(status, headers), metrics, recorder=notes) as client:
        await client.request(method, "/x")

    assert notes.seen == [recorded]


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/metrics", "/sre/dashboard", "/faults", "/static/x.css"])
async def test_probes_and_requests_of_operators_are_not_recorded(path: str, metrics: Metrics) -> None:
    """They are neither counted nor in flight."""
    notes = Notes()
    in_flight: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        in_flight.append(metrics.in_flight)
        await Response()(scope, receive, send)

    async with observed(app, metrics, recorder=notes) as client:
        await client.get(path)
        await client.get("/x")

    assert notes.seen == [(200, True, False)]
    assert in_flight == [0, 1]
    assert metrics.registry.get_sample_value("http_request_duration_seconds_count", _labels("GET")) == 1


async def test_refusals_and_degraded_answers_are_counted(metrics: Metrics) -> None:
    """The reason is in the scope, the dependency in the header of the answer."""
    async with observed(answering(503, refused="shed"), metrics) as client:
        await client.get("/x")
    async with observed(answering(200, {"X-Degraded": "upstream"}, refused="shed"), metrics) as client:
        await client.get("/x")

    value = metrics.registry.get_sample_value
    assert value("requests_refused_total", {"reason": "shed"}) == 1
    assert value("degraded_answers_total", {"dependency": "upstream"}) == 1


async def test_a_request_without_an_answer_counts_as_499(metrics: Metrics) -> None:
    """As when the client disconnects."""

    async def nothing(*_: object) -> None:
        pass

    scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
    await Observe(nothing, metrics=metrics)(scope, nothing, nothing)  # type: ignore[arg-type]
    await Observe(nothing, metrics=metrics)({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]

    labels = {"method": "GET", "route": "unmatched", "status": "499"}
    assert metrics.registry.get_sample_value("http_requests_total", labels) == 1


async def test_the_spans_of_a_request_and_its_query_reach_the_collector(settings: Settings) -> None:
    """They are below the caller's span and have the route template; the metrics have an exemplar with the trace id."""
    with otlp_collector() as collector:
        on = settings.model_copy(update={"otel_exporter_otlp_endpoint": collector.url})
        tracing, database = Tracing(on, "drydock"), Database(settings)
        metrics = Metrics("test")
        app = FastAPI()

        @app.get("/things/{id}")
        async def thing(id: str) -> int:
            query = {"db.system.name": "postgresql", "db.operation.name": "SELECT"}
            with tracing.span("SELECT", attributes=query):
                async with database.connection() as connection:
                    row = await (await connection.execute("SELECT 7 AS n")).fetchone()
            assert row is not None
            return int(row["n"])

        await database.open()
        async with observed(app, metrics, tracing=tracing) as client:
            response = await client.get("/things/ada@example.com", headers=TRACEPARENT)
        await database.close()
        tracing.shutdown()

    server, query = collector.only("SERVER"), collector.only("CLIENT")
    assert response.text == "7"
    assert (server.trace_id.hex(), server.parent_span_id.hex()) == (TRACE_ID, SPAN_ID)
    assert (query.trace_id, query.parent_span_id) == (server.trace_id, server.span_id)
    assert server.name == "GET /things/{id}"
    assert attributes(server) == {
        "http.request.method": "GET",
        "http.route": "/things/{id}",
        "http.response.status_code": 200,
        "url.path": "[email]",
        "url.scheme": "http",
    }
    assert f'trace_id="{TRACE_ID}"'.encode() in openmetrics(metrics.registry)


async def test_spans_distinguish_failed_and_unmatched_requests(settings: Settings, metrics: Metrics) -> None:
    """A 5xx is an error of the service, a 4xx is not; a probe has no span."""
    with otlp_collector() as collector:
        on = settings.model_copy(update={"otel_exporter_otlp_endpoint": collector.url, "otel_traces_sampler_arg": 1.0})
        tracing = Tracing(on, "drydock")
        for status, method, path in ((503, "GET", "/x"), (404, "BREW", "/x"), (200, "GET", "/health/live")):
            async with observed(answering(status), metrics, tracing=tracing) as client:
                await client.request(method, path)
        tracing.shutdown()

    failed, unmatched = sorted(collector.spans, key=lambda span: span.start_time_unix_nano)
    assert (failed.name, attributes(failed)["error.type"], failed.status.code) == ("GET", "503", 2)
    assert (unmatched.name, attributes(unmatched)["http.request.method"]) == ("HTTP", "_OTHER")
    assert "error.type" not in attributes(unmatched)
    assert failed.trace_id != unmatched.trace_id


def _labels(method: str) -> dict[str, str]:
    return {"method": method, "route": "unmatched"}
