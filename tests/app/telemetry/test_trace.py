"""The header traceparent of W3C Trace Context."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.telemetry.trace import Trace, parse_traceparent, received_traceparent

TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
VALID = f"00-{TRACE_ID}-{SPAN_ID}-01"


@pytest.mark.parametrize(
    ("value", "sampled"),
    [
        (VALID, True),
        (f"00-{TRACE_ID}-{SPAN_ID}-00", False),
        (f"00-{TRACE_ID}-{SPAN_ID}-03", True),
        (f"00-{TRACE_ID}-{SPAN_ID}-02", False),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01-what-a-later-version-adds", True),
    ],
)
def test_parses_a_valid_header(value: str, sampled: bool) -> None:
    """Of the flags only the first bit is used; a later version may have more fields."""
    trace = parse_traceparent(value)

    assert trace is not None
    assert (trace.trace_id, trace.span_id, trace.sampled, trace.span) == (TRACE_ID, SPAN_ID, sampled, None)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "nonsense",
        VALID + "-more",
        VALID.upper(),
        f"ff-{TRACE_ID}-{SPAN_ID}-01",
        f"00-{'0' * 32}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID}-{SPAN_ID}-1",
        f" {VALID}",
        f"{VALID}\n",
    ],
)
def test_ignores_an_invalid_header(value: str | None) -> None:
    """As the specification requires."""
    assert parse_traceparent(value) is None


@given(
    trace_id=st.integers(1, 2**128 - 1).map("{:032x}".format),
    span_id=st.integers(1, 2**64 - 1).map("{:016x}".format),
    sampled=st.booleans(),
)
def test_a_generated_header_can_be_parsed(trace_id: str, span_id: str, sampled: bool) -> None:
    """It has the same ids and the same flag."""
    trace = parse_traceparent(Trace(trace_id, span_id, sampled).traceparent())

    assert trace is not None
    assert (trace.trace_id, trace.span_id, trace.sampled) == (trace_id, span_id, sampled)


def test_finds_the_header_of_a_request() -> None:
    """A value that is not ASCII is ignored."""
    assert received_traceparent([(b"host", b"x"), (b"traceparent", VALID.encode())]) == VALID
    assert parse_traceparent(received_traceparent([(b"traceparent", b"\xff\xfe")])) is None
    assert received_traceparent([(b"host", b"x")]) is None
