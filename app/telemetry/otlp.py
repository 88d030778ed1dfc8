"""OpenTelemetry's SDK, sending over OTLP/HTTP. Imported only with an endpoint: it takes 0.2 s and memory."""

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    format_span_id,
    format_trace_id,
    set_span_in_context,
)

from app import __version__
from app.settings import Settings
from app.telemetry.trace import Trace

EXPORT_TIMEOUT_SECONDS = 5.0  # with retries: an unavailable collector must not delay the shutdown

_ROOT = Context()
_KINDS = {kind.name.lower(): kind for kind in SpanKind}


def tracer_provider(settings: Settings, service: str) -> TracerProvider:
    """Return a provider that sends spans in batches; Tracing decides which traces are sampled."""
    provider = TracerProvider(
        sampler=ParentBased(ALWAYS_ON),
        resource=Resource.create(
            {
                "service.name": service,
                "service.version": __version__,
                "deployment.environment": settings.environment,  # the older name, which dashboards still use
                "deployment.environment.name": settings.environment,
            }
        ),
        shutdown_on_exit=False,  # Tracing.shutdown does it, after the drain and within the grace period
    )
    endpoint = f"{str(settings.otel_exporter_otlp_endpoint).rstrip('/')}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=EXPORT_TIMEOUT_SECONDS)))
    return provider


def start(
    tracer: Tracer, name: str, kind: str, parent: Trace | None, attributes: dict[str, str | int] | None = None
) -> Trace:
    """Start a span below `parent`, or as the root of a new trace; without sampling if the parent is not sampled."""
    span = tracer.start_span(name, _context(parent), _KINDS[kind], attributes)
    context = span.get_span_context()
    kept = span.is_recording()
    return Trace(format_trace_id(context.trace_id), format_span_id(context.span_id), kept, span if kept else None)


def end(span: Span, error_type: str | None) -> None:
    """End the span; `error_type`, if any, is the exception's class or the status of the answer."""
    if error_type is not None:
        span.set_attribute("error.type", error_type)
        # Without a description, because texts of exceptions hold data, such as e-mail addresses.
        span.set_status(Status(StatusCode.ERROR))
    span.end()


def _context(parent: Trace | None) -> Context:
    if parent is None:
        return _ROOT
    if parent.span is not None:
        return set_span_in_context(parent.span, _ROOT)
    remote = SpanContext(
        int(parent.trace_id, 16),
        int(parent.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED if parent.sampled else TraceFlags.DEFAULT),
    )
    return set_span_in_context(NonRecordingSpan(remote), _ROOT)
