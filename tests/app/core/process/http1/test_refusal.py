"""Requests that the server refuses before the application, and requests that it accepts, on a real server."""

import json
from collections.abc import Iterator

import pytest

from tests.support.raw_http import RawConnection, ask, echo, listening

HOST = b"Host: a\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"


def get(*fields: bytes, line: bytes = b"GET / HTTP/1.1", host: bytes = HOST) -> bytes:
    return line + b"\r\n" + host + b"".join(field + b"\r\n" for field in fields) + b"\r\n"


def post(*fields: bytes) -> bytes:
    return get(*fields, line=b"POST / HTTP/1.1")


REFUSED = {
    # RFC 9112, 3: the request line
    "a target with a space": (get(line=b"GET /a b HTTP/1.1"), 400),
    "a version in lower case": (get(line=b"GET / http/1.1"), 400),
    "a version with two digits": (get(line=b"GET / HTTP/1.10"), 400),
    "a space at the start": (get(line=b" GET / HTTP/1.1"), 400),
    "no token as method": (get(line=b"G@T / HTTP/1.1"), 400),
    "a TLS handshake": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64), 400),
    "a relative target": (get(line=b"GET a HTTP/1.1"), 400),
    "a target with a fragment": (get(line=b"GET /a#b HTTP/1.1"), 400),
    "a target with an empty fragment": (get(line=b"GET /# HTTP/1.1"), 400),
    "a target beyond ASCII": (get(line=b"GET /\xff HTTP/1.1"), 400),
    "a target with a control character": (get(line=b"GET /\x01 HTTP/1.1"), 400),
    "a URL without a host": (get(line=b"GET http:///a HTTP/1.1"), 400),
    "a URL with a user": (get(line=b"GET http://u@a/ HTTP/1.1"), 400),
    "a URL of another scheme": (get(line=b"GET ftp://a/ HTTP/1.1"), 400),
    "* for a GET": (get(line=b"GET * HTTP/1.1"), 400),
    # RFC 9110, 9.1 and 15.6.2; 15.6.6
    "an unknown method": (get(line=b"BREW / HTTP/1.1"), 501),
    "a method in lower case": (get(line=b"get / HTTP/1.1"), 501),
    "a method of RTSP": (get(line=b"DESCRIBE / HTTP/1.1"), 501),
    "a long method": (get(line=b"A" * 1000 + b" / HTTP/1.1"), 501),
    "CONNECT": (get(line=b"CONNECT a:80 HTTP/1.1"), 501),
    "HTTP/2 with prior knowledge": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/2.0": (get(line=b"GET / HTTP/2.0"), 505),
    "HTTP/0.9": (get(line=b"GET / HTTP/0.9"), 505),
    "HTTP/0.9, without a version": (b"GET /\r\n\r\n", 505),
    # RFC 9112, 3.2
    "no Host": (get(host=b""), 400),
    "two Hosts": (get(host=HOST + HOST), 400),
    "two Hosts that differ in case": (get(host=HOST + b"hOST: b\r\n"), 400),
    "a Host with a port of many digits": (get(host=b"Host: a:" + b"9" * 5_000 + b"\r\n"), 400),
    "an empty Host": (get(host=b"Host:\r\n"), 400),
    "a Host with a space": (get(host=b"Host: a b\r\n"), 400),
    "a Host with a path": (get(host=b"Host: a/b\r\n"), 400),
    "a Host with a user": (get(host=b"Host: u@a\r\n"), 400),
    "a list of Hosts": (get(host=b"Host: a, b\r\n"), 400),
    "a Host with a port that is none": (get(host=b"Host: a:b\r\n"), 400),
    "a Host with a port that is too large": (get(host=b"Host: a:65536\r\n"), 400),
    "a Host with half an address": (get(host=b"Host: [::1\r\n"), 400),
    "two Hosts in HTTP/1.0": (get(line=b"GET / HTTP/1.0", host=HOST + HOST), 400),
    "a URL and no Host": (get(line=b"GET http://a/ HTTP/1.1", host=b""), 400),
    # RFC 9112, 5 and RFC 9110, 5.5: fields
    "a space before the colon": (get(b"X : a"), 400),
    "a folded line": (get(b"X: a\r\n b"), 400),
    "a folded line before all": (b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    "a field without a name": (get(b": a"), 400),
    "a field without a colon": (get(b"abc"), 400),
    "a name that is no token": (get(b"a(b: c"), 400),
    "a line that ends in LF": (get(b"X: a\nY: b"), 400),
    "a request line that ends in LF": (b"GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
    "a CR in a value": (get(b"X: a\rb"), 400),
    "a NUL in a value": (get(b"X: a\0b"), 400),
    "a control character in a value": (get(b"X: a\x01b"), 400),
    # RFC 9112, 6: framing
    "both lengths": (post(b"Content-Length: 3", b"Transfer-Encoding: chunked") + b"0\r\n\r\n", 400),
    "both lengths, the other way round": (
        post(b"Transfer-Encoding: chunked", b"Content-Length: 3") + b"0\r\n\r\n",
        400,
    ),
    "two lengths": (post(b"Content-Length: 3", b"Content-Length: 4") + b"abc", 400),
    "one length twice": (post(b"Content-Length: 3", b"Content-Length: 3") + b"abc", 400),
    "a list of lengths": (post(b"Content-Length: 3, 3") + b"abc", 400),
    "a length with a sign": (post(b"Content-Length: +3") + b"abc", 400),
    "a negative length": (post(b"Content-Length: -3") + b"abc", 400),
    "a length in hex": (post(b"Content-Length: 0x3") + b"abc", 400),
    "an empty length": (post(b"Content-Length:"), 400),
    "a space before the colon of the length": (post(b"Content-Length : 3") + b"abc", 400),
    "a length of 23 digits": (post(b"Content-Length: " + b"9" * 23) + b"abc", 413),
    "not chunked": (post(b"Transfer-Encoding: gzip"), 400),
    "almost chunked": (post(b"Transfer-Encoding: xchunked") + b"0\r\n\r\n", 400),
    "identity": (post(b"Transfer-Encoding: identity"), 400),
    "chunked, but not last": (post(b"Transfer-Encoding: chunked, gzip") + b"0\r\n\r\n", 400),
    "chunked twice": (post(b"Transfer-Encoding: chunked, chunked") + b"0\r\n\r\n", 400),
    "chunked in two fields": (post(*[b"Transfer-Encoding: chunked"] * 2) + b"0\r\n\r\n", 400),
    "a coding that is unknown": (post(b"Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n", 501),
    "chunked in HTTP/1.0": (get(b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.0") + b"0\r\n\r\n", 400),
    # RFC 9112, 7.1: chunks
    "a chunk without a size": (CHUNKED + b"\r\nabc\r\n0\r\n\r\n", 400),
    "a chunk with a sign": (CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n", 400),
    "a chunk with 0x": (CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n", 400),
    "a chunk with a space": (CHUNKED + b"3 \r\nabc\r\n0\r\n\r\n", 400),
    "a chunk of 21 digits": (CHUNKED + b"f" * 21 + b"\r\nabc\r\n0\r\n\r\n", 413),
    "a chunk that is longer": (CHUNKED + b"3\r\nabcde\r\n0\r\n\r\n", 400),
    "a chunk with LF": (CHUNKED + b"3\nabc\n0\n\n", 400),
    "an extension with LF": (CHUNKED + b"3;a\nb\r\nabc\r\n0\r\n\r\n", 400),
    "a length after the chunks": (CHUNKED + b"3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n", 400),
    # RFC 9110, 15.5.15; RFC 6585, 5
    "a target of 9 kB": (get(line=b"GET /" + b"a" * 9_000 + b" HTTP/1.1"), 414),
    "a target of 100 kB": (get(line=b"GET /" + b"a" * 100_000 + b" HTTP/1.1"), 414),
    "a field of 40 kB": (get(b"X: " + b"a" * 40_000), 431),
    "a field that has no end": (b"GET / HTTP/1.1\r\nX: " + b"a" * 500_000, 431),
    "fields of 40 kB": (get(*[b"X: " + b"a" * 1_000] * 40), 431),
    "101 fields": (get(*[b"X: a"] * 100), 431),
    "fields without an end after the chunks": (CHUNKED + b"0\r\n" + b"X: a\r\n" * 9_000, 431),
}

ACCEPTED = {
    "one field": get(),
    "HTTP/1.0 without Host": get(line=b"GET / HTTP/1.0", host=b""),
    "HTTP/1.2": get(line=b"GET / HTTP/1.2"),
    "empty lines before": b"\r\n\r\n" + get(),
    "a port": get(host=b"Host: a.example:8080\r\n"),
    "an empty port": get(host=b"Host: a:\r\n"),
    "an address": get(host=b"Host: [2001:db8::1]:80\r\n"),
    "an encoded name": get(host=b"Host: a%20b\r\n"),
    "a URL": get(line=b"GET http://a/ HTTP/1.1"),
    "a URL without a path": get(line=b"GET HTTP://a HTTP/1.1"),
    "OPTIONS *": get(line=b"OPTIONS * HTTP/1.1"),
    "space around a value": get(b"X: \t a \t"),
    "a value beyond ASCII": get(b"X: \xe9"),
    "100 fields": get(*[b"X: a"] * 99),
    "a target of 8,000 bytes": get(line=b"GET /" + b"a" * 8_000 + b" HTTP/1.1"),
    "an expectation that is unknown": get(b"Expect: tea"),
}

BODIES = {
    "a length": post(b"Content-Length: 3") + b"abc",
    "chunks": CHUNKED + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    "a coding in capitals": post(b"Transfer-Encoding: CHUNKED") + b"3\r\nabc\r\n0\r\n\r\n",
    "extensions": CHUNKED + b'3;a=b;c="d;e"\r\nabc\r\n0\r\n\r\n',
    "trailers": CHUNKED + b"3\r\nabc\r\n0\r\nX: y\r\n\r\n",
    "leading zeros": CHUNKED + b"0003\r\nabc\r\n000\r\n\r\n",
    "an upgrade to h2c": post(H2C.rstrip(), b"Content-Length: 3") + b"abc",
    "an upgrade to h2c, in chunks": post(H2C.rstrip(), b"Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\n\r\n",
    "an upgrade to a WebSocket": post(b"Connection: Upgrade", b"Upgrade: websocket", b"Content-Length: 3") + b"abc",
    "an upgrade to anything": post(b"Connection: keep-alive, upgrade", b"Upgrade: a/1, b", b"Content-Length: 3")
    + b"abc",
    "an upgrade in HTTP/1.0": get(
        b"Connection: Upgrade", b"Upgrade: h2c", b"Content-Length: 3", line=b"POST / HTTP/1.0"
    )
    + b"abc",
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with listening(echo) as port:
        yield port


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_an_invalid_request(port: int, name: str) -> None:
    """It gets a problem with its status, and the connection is closed. An earlier request is answered."""
    data, status = REFUSED[name]
    with RawConnection(port) as connection:
        connection.send(get() + data)
        first, answer = connection.answer(), connection.answer()
        assert first is not None
        assert answer is not None
        assert (first.status, answer.status) == (200, status)
        assert answer.headers["connection"] == "close"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.problem["detail"]
        assert connection.closed()


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_an_invalid_request_that_arrives_in_pieces(port: int, name: str) -> None:
    """It gets the same status. The next connection is served."""
    data, status = REFUSED[name]
    with RawConnection(port) as connection:
        for at in range(0, 60, 7):
            connection.send(data[at : at + 7])
        connection.send(data[63:])
        answer = connection.answer()
        assert answer is not None
        assert (answer.status, answer.problem["status"]) == (status, status)
        assert connection.closed()
    assert ask(port, get()).status == 200


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepts_an_unusual_valid_request(port: int, name: str) -> None:
    """It reaches the application."""
    data = ACCEPTED[name]

    assert ask(port, data).status == 200


@pytest.mark.parametrize("split", [0, 1, 2, 4])
@pytest.mark.parametrize("name", BODIES)
def test_the_body_reaches_the_application(port: int, name: str, split: int) -> None:
    """Also with an upgrade, which is ignored (RFC 9110, 7.8), and in two pieces; the next request is served."""
    data = BODIES[name]
    with RawConnection(port) as connection:
        connection.send(data[: len(data) - split])
        connection.send(data[len(data) - split :] + get(line=b"GET /next HTTP/1.1"))
        answer = connection.answer()
        assert answer is not None
        assert (answer.status, json.loads(answer.body)["body"]) == (200, "abc")
        if b"HTTP/1.0" in data:
            assert connection.closed()
        else:
            after = connection.answer()
            assert after is not None
            assert json.loads(after.body)["path"] == "/next"


def test_the_host_of_a_url_replaces_the_host_header(port: int) -> None:
    """RFC 9112, 3.2.2. The application gets path and query."""
    told = json.loads(ask(port, get(line=b"GET http://b:8080?c=d HTTP/1.1")).body)

    assert (told["path"], told["query"]) == ("/", "c=d")
    assert [value for name, value in told["headers"] if name == "host"] == ["b:8080"]


def test_spaces_around_a_value_are_removed(port: int) -> None:
    """RFC 9112, 5.1."""
    told = json.loads(ask(port, get(b"X: \t a b \t ", host=b"Host: a \r\n")).body)

    assert told["headers"] == [["host", "a"], ["x", "a b"]]


def test_trailer_fields_are_dropped(port: int) -> None:
    """They could be taken for header fields of a proxy (RFC 9110, 6.5.1)."""
    told = json.loads(ask(port, CHUNKED + b"3\r\nabc\r\n0\r\nAuthorization: x\r\n\r\n").body)

    assert [name for name, _ in told["headers"]] == ["host", "transfer-encoding"]


@pytest.mark.parametrize(("version", "informed"), [(b"1.1", True), (b"1.0", False)])
def test_answers_100_continue(port: int, version: bytes, informed: bool) -> None:
    """But not to HTTP/1.0 (RFC 9110, 10.1.1)."""
    with RawConnection(port) as connection:
        head = get(b"Expect: 100-continue", b"Content-Length: 3", line=b"POST / HTTP/" + version)
        connection.send(head)
        if informed:
            assert connection.line() == b"HTTP/1.1 100 Continue\r\n"
        connection.send(b"abc")
        if informed:
            assert connection.line() == b"\r\n"
        answer = connection.answer()
        assert answer is not None
        assert json.loads(answer.body)["body"] == "abc"


@pytest.mark.parametrize("name", [name for name in BODIES if "HTTP/1.0" not in name])
@pytest.mark.parametrize(("method", "status"), [(b"BREW", 501), (b"get", 501), (b"G@T", 400), (b"\0", 400)])
def test_the_method_of_a_pipelined_request_is_checked(port: int, name: str, method: bytes, status: int) -> None:
    """It follows the body of the first request without a line end."""
    with RawConnection(port) as connection:
        connection.send(BODIES[name] + get(line=method + b" / HTTP/1.1"))
        answers = [connection.answer(), connection.answer()]
        assert [answer and answer.status for answer in answers] == [200, status]


def test_refuses_an_invalid_request_after_an_ignored_upgrade(port: int) -> None:
    """Both are sent at once."""
    with RawConnection(port) as connection:
        connection.send(BODIES["an upgrade to h2c"] + get(host=b"") + get())
        answers = [connection.answer(), connection.answer()]
        assert [answer and answer.status for answer in answers] == [200, 400]
        assert connection.closed()


def test_a_refused_head_request_gets_no_body(port: int) -> None:
    """As all answers to HEAD."""
    with RawConnection(port) as connection:
        connection.send(get(line=b"HEAD / HTTP/1.1", host=b""))
        answer = connection.answer("HEAD")
        assert answer is not None
        assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
        assert connection.closed()


def test_a_refusal_has_the_id_of_the_request(port: int) -> None:
    """If the client sent it before the invalid part."""
    answer = ask(port, get(b"X-Request-ID: abc", b"X: y", b"a b"))

    assert answer.problem["request_id"] == "abc"
