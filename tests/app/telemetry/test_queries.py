"""Spans of SQL statements: their names, and their parents."""

from collections.abc import Iterator

import pytest

from app.settings import Settings
from app.telemetry.queries import query_span
from app.telemetry.tracing import Tracing
from tests.app.features import needs
from tests.support.client import client_of
from tests.support.otlp_collector import Collector, attributes, otlp_collector


@pytest.fixture
def collector() -> Iterator[Collector]:
    with otlp_collector() as collector:
        yield collector


@pytest.fixture
def traced(settings: Settings, collector: Collector) -> Settings:
    return settings.model_copy(
        update={
            "otel_exporter_otlp_endpoint": collector.url,
            "otel_traces_sampler_arg": 1.0,
            "queue_url": "http://queue/jobs",
        }
    )


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (b"SELECT id FROM items WHERE name = 'secret'", "SELECT items"),
        (b'\n  INSERT INTO "users" (name) VALUES (%(name)s)', "INSERT users"),
        (b"update jobs SET state = 'dead'", "UPDATE jobs"),
        (b"DELETE FROM outbox", "DELETE outbox"),
        (b"SET LOCAL statement_timeout = '1s'", "SET"),
        (b"", "SQL"),
    ],
)
def test_a_span_is_named_by_operation_and_table(
    traced: Settings, collector: Collector, statement: bytes, name: str
) -> None:
    """No attribute has a value of the statement."""
    tracing = Tracing(traced, "test")
    with tracing.span("job", "internal"), query_span(tracing, statement):
        pass
    tracing.shutdown()

    span = collector.only("CLIENT")
    assert span.name == name
    assert attributes(span)["db.system.name"] == "postgresql"
    assert [each for each in attributes(span).values() if "secret" in str(each)] == []


@needs("jobs")
async def test_spans_of_statements_and_messages_are_in_the_trace_of_the_request(
    traced: Settings, collector: Collector
) -> None:
    """Server, producer and client spans are in one trace, each below the former."""
    job = {"kind": "import-items", "payload": {"items": [{"name": "anchor"}]}}
    async with client_of(traced) as client:
        response = await client.post("/api/v1/jobs", json=job)
    server, producer, insert = (collector.only(kind) for kind in ("SERVER", "PRODUCER", "CLIENT"))

    assert response.status_code == 202
    assert (server.name, producer.name, insert.name) == ("POST /api/v1/jobs", "create job", "WITH jobs")
    assert server.trace_id == producer.trace_id == insert.trace_id
    assert (producer.parent_span_id, insert.parent_span_id) == (server.span_id, producer.span_id)
