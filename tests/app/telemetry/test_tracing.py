"""Spans: which are exported, and their parents. The collector is a test server."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from time import monotonic

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from app.settings import Settings
from app.telemetry import trace as traces
from app.telemetry.tracing import SHUTDOWN_SECONDS, Tracing
from tests.support.otlp_collector import Collector, attributes, otlp_collector

TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, UNSAMPLED = f"00-{TRACE_ID}-{SPAN_ID}-01", f"00-{TRACE_ID}-{SPAN_ID}-00"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with otlp_collector() as collector:
        yield collector


def tracing_to(url: str | None, share: float = 1) -> Tracing:
    settings = Settings(
        database_url="postgresql://db/app",
        environment="test",
        otel_exporter_otlp_endpoint=url,
        otel_traces_sampler_arg=share,
    )
    return Tracing(settings, "drydock-test")


def test_disabled_tracing_does_not_import_the_sdk() -> None:
    """The import takes 0.2 s and memory in every process."""
    code = (
        "import sys; from app.settings import Settings; from app.telemetry.tracing import Tracing;"
        "Tracing(Settings(database_url='postgresql://db/app'), 'x');"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_disabled_tracing_passes_the_trace_on_and_creates_no_span() -> None:
    """So the log of this service has the trace ids of others."""
    tracing = tracing_to(None)
    with tracing.continue_from(SAMPLED), tracing.span("SELECT items") as span:
        span.set("n", 1)
        seen = (tracing.current_trace_id(), tracing.current_sampled_trace_id(), tracing.traceparent())
    with tracing.span("job", kind="consumer"):
        without = (tracing.current_trace_id(), tracing.current_sampled_trace_id(), tracing.traceparent())
    tracing.shutdown()

    assert not tracing.on
    assert seen == (TRACE_ID, TRACE_ID, SAMPLED)
    assert without == (None, None, None)


def test_spans_are_exported_below_the_span_of_the_caller(collector: Collector) -> None:
    """The trace of a job continues from its message through its handler to the next message."""
    tracing = tracing_to(collector.url)
    with tracing.continue_from(SAMPLED), tracing.span("process jobs", kind="consumer"):
        with tracing.span("SELECT jobs", attributes={"db.system.name": "postgresql"}) as span:
            span.set("db.response.returned_rows", 3)
        with tracing.span("send jobs", kind="producer"):
            passed_on = tracing.traceparent()
        assert tracing.current_sampled_trace_id() == TRACE_ID
    assert tracing.current_trace_id() is None
    tracing.shutdown()

    consumer, client, producer = (collector.only(kind) for kind in ("CONSUMER", "CLIENT", "PRODUCER"))
    assert {span.trace_id.hex() for span in collector.spans} == {TRACE_ID}
    assert consumer.parent_span_id.hex() == SPAN_ID
    assert client.parent_span_id == producer.parent_span_id == consumer.span_id
    assert passed_on == f"00-{TRACE_ID}-{producer.span_id.hex()}-01"
    assert attributes(client) == {"db.system.name": "postgresql", "db.response.returned_rows": 3}
    assert collector.paths == {"/v1/traces"}
    assert {
        "service.name": "drydock-test",
        "deployment.environment": "test",
        "deployment.environment.name": "test",
    }.items() <= collector.resources[0].items()
    assert collector.resources[0]["service.version"]


def test_a_shutdown_exports_all_spans(collector: Collector) -> None:
    """There is more than one batch."""
    tracing = tracing_to(collector.url)
    for _ in range(1_500):
        with tracing.span("job", kind="consumer"):
            pass
    tracing.shutdown()

    assert len({span.span_id for span in collector.spans}) == 1_500
    assert {span.parent_span_id for span in collector.spans} == {b""}


def test_a_failed_span_has_no_text_of_the_exception(collector: Collector) -> None:
    """The text may contain data of users."""
    tracing = tracing_to(collector.url)
    with pytest.raises(KeyError), tracing.span("job", kind="internal"):
        raise KeyError("ada@example.com")
    tracing.shutdown()

    (span,) = collector.spans
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert attributes(span) == {"error.type": "KeyError"}
    assert b"ada" not in span.SerializeToString()


def test_the_sampling_decision_of_the_caller_applies(collector: Collector) -> None:
    """Otherwise traces would be incomplete."""
    never, always = tracing_to(collector.url, 0), tracing_to(collector.url, 1)
    with never.continue_from(SAMPLED), never.span("kept"):
        pass
    with always.continue_from(UNSAMPLED), always.span("dropped", kind="consumer"):
        assert always.traceparent() == UNSAMPLED
    never.shutdown()
    always.shutdown()

    assert [span.name for span in collector.spans] == ["kept"]


def test_a_share_of_new_traces_is_exported(collector: Collector) -> None:
    """A trace is exported completely or not at all. All traces have an id, for the log."""
    tracing = tracing_to(collector.url, 0.5)
    ids = set()
    for _ in range(400):
        with tracing.span("root", kind="consumer"), tracing.span("child"):
            ids.add(tracing.current_trace_id())
    tracing.shutdown()

    roots = [span for span in collector.spans if span.kind == Span.SPAN_KIND_CONSUMER]
    assert 100 < len(roots) < 300
    assert len(collector.spans) == 2 * len(roots)
    assert len(ids) == 400
    assert all(id is not None and len(id) == 32 for id in ids)


def test_a_query_without_a_parent_starts_no_trace(collector: Collector) -> None:
    """Probes query the database every few seconds."""
    tracing = tracing_to(collector.url)
    with tracing.span("SELECT 1"):
        assert tracing.current_trace_id() is None
    tracing.shutdown()

    assert collector.spans == []


def test_the_shutdown_has_a_timeout_for_an_unavailable_collector() -> None:
    """Kubernetes kills a process that has not ended within its grace period."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        tracing = tracing_to(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with tracing.span("job", kind="consumer"):
            pass
        start = monotonic()
        tracing.shutdown()

        assert monotonic() - start < SHUTDOWN_SECONDS + 10


def test_a_request_that_is_not_exported_has_a_trace_id() -> None:
    """It has no server span; ending it has no effect."""
    tracing = tracing_to("http://127.0.0.1:9", 0)
    trace = tracing.server([(b"host", b"x")])

    assert trace is not None
    assert (trace.span, trace.sampled) == (None, False)
    tracing.end_server(trace, method="GET", route=None, path="/", scheme="http", status=200)
    token = traces.enter(trace)
    assert tracing.current_sampled_trace_id() is None
    assert tracing.current_trace_id() == trace.trace_id
    traces.leave(token)
    tracing.shutdown()
