"""Timeouts and the number of connections, on a real server with short limits."""

from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic

import pytest
import uvicorn

from tests.support.raw_http import RawConnection, echo, running
from tests.support.service import until

HEADER_SECONDS = 0.4
BODY_SECONDS = 0.6
KEEP_ALIVE_SECONDS = 1
CONNECTIONS = 6
PATIENT = 60  # seconds; longer than the tests of the number of connections take
SLACK = 5  # seconds, for a busy machine
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[int, uvicorn.Server]]:
    limits = {"header_timeout_seconds": HEADER_SECONDS, "request_timeout_seconds": BODY_SECONDS}
    with running(echo, **limits, keep_alive_seconds=KEEP_ALIVE_SECONDS) as served:
        yield served


@pytest.fixture
def port(served: tuple[int, uvicorn.Server]) -> Iterator[int]:
    """The port of the server; after the test no connection may be left open."""
    port, server = served
    yield port
    until(lambda: not server.server_state.connections)


@pytest.fixture
def crowded_port() -> Iterator[int]:
    """The port of a server with few allowed connections, and with timeouts that no test reaches."""
    limits = {"header_timeout_seconds": PATIENT, "request_timeout_seconds": PATIENT, "keep_alive_seconds": PATIENT}
    with running(echo, **limits, max_client_connections=CONNECTIONS) as (port, _server):
        yield port


def trickle(connection: RawConnection, data: bytes, pause: float = 0.1) -> None:
    """Send one byte after the other until there is an answer or the end of the data."""
    for byte in data:
        connection.send(bytes([byte]))
        if not connection.silent(pause):
            return


def test_a_connection_without_a_request_is_closed(port: int) -> None:
    """There is no answer, because there was no request."""
    began = monotonic()
    with RawConnection(port) as connection:
        assert connection.closed()

    assert HEADER_SECONDS * 0.9 < monotonic() - began < HEADER_SECONDS + SLACK


@pytest.mark.parametrize("start", [b"G", b"GET / HTTP/1.1\r\nHost: a\r\n", b"GET / HTTP/1.1\r\nX: a"])
@pytest.mark.parametrize("before", [b"", GET])
def test_an_incomplete_header_gets_408(port: int, before: bytes, start: bytes) -> None:
    """On a new and on a persistent connection."""
    with RawConnection(port) as connection:
        if before:
            connection.send(before)
            assert connection.answer()
        began = monotonic()
        connection.send(start)
        answer = connection.answer()
        assert answer is not None
        assert (answer.status, answer.headers["connection"]) == (408, "close")
        assert "header" in answer.problem["detail"]
        assert connection.closed()

    assert HEADER_SECONDS * 0.9 < monotonic() - began < HEADER_SECONDS + SLACK


def test_a_trickled_header_gets_408(port: int) -> None:
    """Single bytes do not extend the timeout."""
    began = monotonic()
    with RawConnection(port) as connection:
        trickle(connection, b"GET / HTTP/1.1\r\nX: " + b"a" * 100)
        answer = connection.answer()
        assert answer is not None
        assert answer.status == 408

    assert monotonic() - began < HEADER_SECONDS + SLACK


@pytest.mark.parametrize("before", [b"", GET])
def test_empty_lines_do_not_keep_a_connection_open(port: int, before: bytes) -> None:
    """They are not a request."""
    began = monotonic()
    with RawConnection(port) as connection:
        if before:
            connection.send(before)
            assert connection.answer()
        trickle(connection, b"\r\n" * 100)
        assert connection.closed()

    assert monotonic() - began < HEADER_SECONDS + SLACK


def test_an_idle_connection_is_kept_until_its_timeout(port: int) -> None:
    """This timeout is longer than that of a header, and starts again with each request."""
    with RawConnection(port) as connection:
        for _ in range(2):
            connection.send(GET)
            assert connection.answer()
            assert connection.silent(HEADER_SECONDS * 1.5)
        began = monotonic()
        assert connection.closed()

    assert monotonic() - began < KEEP_ALIVE_SECONDS + SLACK


@pytest.mark.parametrize(
    "start", [POST, POST + b"a", POST.replace(b"Content-Length: 3", b"Transfer-Encoding: chunked")]
)
def test_an_incomplete_body_gets_408(port: int, start: bytes) -> None:
    """With a length and in chunks; the connection is closed."""
    began = monotonic()
    with RawConnection(port) as connection:
        connection.send(start)
        answer = connection.answer()
        assert answer is not None
        assert answer.status == 408
        assert "body" in answer.problem["detail"]
        assert connection.closed()

    assert BODY_SECONDS * 0.9 < monotonic() - began < BODY_SECONDS + SLACK


def test_a_trickled_body_gets_408(port: int) -> None:
    """It is sent in valid chunks of one byte each."""
    with RawConnection(port) as connection:
        connection.send(POST.replace(b"Content-Length: 3", b"Transfer-Encoding: chunked"))
        for _ in range(50):
            connection.send(b"1\r\na\r\n")
            if not connection.silent(0.1):
                break
        answer = connection.answer()
        assert answer is not None
        assert answer.status == 408


def test_a_body_that_is_not_read_has_a_timeout(port: int) -> None:
    """The application answers before it has arrived; the connection is closed after the timeout."""
    with RawConnection(port) as connection:
        connection.send(POST.replace(b"/", b"/early", 1))
        answer = connection.answer()
        assert answer is not None
        assert answer.status == 200
        trickle(connection, b"ab", pause=BODY_SECONDS)
        assert connection.closed()


@pytest.mark.parametrize("close", [b"", b"Connection: close\r\n"])
def test_a_client_that_does_not_read_its_answer_is_disconnected(
    served: tuple[int, uvicorn.Server], close: bytes
) -> None:
    """The server closes the connection although the client keeps it open."""
    port, server = served
    with RawConnection(port, receive_bytes=4096) as connection:
        before = server.server_state.total_requests
        connection.send(b"GET /large HTTP/1.1\r\nHost: a\r\n" + close + b"\r\n")
        until(lambda: server.server_state.total_requests > before)
        assert server.server_state.connections
        until(lambda: not server.server_state.connections)
        assert connection.socket.fileno() > 0


@pytest.mark.parametrize(
    "start", [b"\0", b"POST /early HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 9999999\r\n\r\n"]
)
def test_an_answer_reaches_a_client_that_is_still_sending(port: int, start: bytes) -> None:
    """The connection is closed in stages, without a reset, which could delete the answer (RFC 9112, 9.6)."""
    with RawConnection(port) as connection:
        connection.send(start)
        for _ in range(20):
            assert connection.send(b"a" * 100_000)
        answer = connection.answer()
        assert answer is not None
        assert answer.status in (200, 400)
        assert connection.closed()
        assert all(connection.send(b"a") for _ in range(10))  # a reset would make the second one fail


def test_above_the_limit_the_longest_idle_connection_is_closed(crowded_port: int) -> None:
    """So idle connections, also with an incomplete header, cannot lock out others."""
    with ExitStack() as stack:
        held = [stack.enter_context(RawConnection(crowded_port)) for _ in range(CONNECTIONS)]
        for number, connection in enumerate(held):
            connection.send(GET if number else b"GET / HTTP/1.1\r\n")
            if number:
                assert connection.answer()
        latest = stack.enter_context(RawConnection(crowded_port))
        latest.send(GET)
        answer = latest.answer()
        assert answer is not None
        assert answer.status == 200
        assert held[0].closed()
        held[-1].send(GET)
        assert held[-1].answer()


def test_above_the_limit_without_an_idle_connection_a_new_one_gets_503(crowded_port: int) -> None:
    """With Retry-After; the other connections are served."""
    with ExitStack() as stack:
        held = [stack.enter_context(RawConnection(crowded_port)) for _ in range(CONNECTIONS)]
        for connection in held:
            connection.send(POST)
            assert connection.silent(0.01)
        with RawConnection(crowded_port) as latest:
            answer = latest.answer()
            assert answer is not None
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            assert answer.problem["detail"]
            assert latest.closed()
        for connection in held:
            connection.send(b"abc")
            served = connection.answer()
            assert served is not None
            assert served.status == 200


@pytest.mark.parametrize(
    "broken", [b"\0\r\n\r\n", POST.replace(b"Content-Length: 3", b"Transfer-Encoding: chunked") + b"zz\r\n"]
)
def test_a_refusal_is_sent_after_the_answers_to_earlier_requests(port: int, broken: bytes) -> None:
    """Otherwise it would be taken for the answer to a valid request."""
    with RawConnection(port) as connection:
        connection.send(GET.replace(b"/", b"/wait", 1) + GET + broken + GET)
        answers = [connection.answer() for _ in range(3)]
        assert [answer and answer.status for answer in answers] == [200, 200, 400]
        assert connection.closed()
