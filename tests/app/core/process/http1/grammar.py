"""Raw requests from a grammar: valid, valid but unusual, and invalid; all from one seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass

ITEM = b'{"name": "anchor", "description": "cast iron"}'
REFUSALS = {400, 408, 413, 414, 431, 501, 505}


@dataclass(frozen=True, kw_only=True)
class RawRequest:
    """A request in bytes, and its allowed answers."""

    data: bytes
    method: str = "GET"
    statuses: frozenset[int] = frozenset()
    """Allowed statuses. Empty: any that is not an error of the server."""
    last: bool = False
    """The server closes the connection after the answer."""
    answered: bool = True
    """False: the request may be incomplete, so there may be no answer before its timeout."""


# Method, target, whether it has a body, status of the answer.
PLAIN = (
    ("GET", b"/health/live", False, 200),
    ("GET", b"/health/live?a=%20b&c", False, 200),
    ("HEAD", b"/health/live", False, 200),
    ("OPTIONS", b"/health/live", False, 204),
    ("OPTIONS", b"*", False, 204),
    ("DELETE", b"/health/live", False, 405),
    ("POST", b"/health/live", True, 405),
    ("GET", b"/nothing/%61/there", False, 404),
    ("GET", b"/openapi.json", False, 200),
    ("GET", b"/static/style.css", False, 200),
    ("GET", b"/api/v1/items?limit=1", False, 200),
    ("HEAD", b"/api/v1/items/1", False, 200),
    ("GET", b"/api/v1/items/1", False, 200),
    ("GET", b"/api/v1/items/0", False, 422),
    ("PUT", b"/api/v1/items/1", True, 200),
    ("POST", b"/api/v1/items", True, 201),
    ("PATCH", b"/api/v1/items/1", True, 405),
    ("PROPFIND", b"/api/v1/items/1", False, 405),
)
NAMES = (b"X-A", b"accept", b"User-Agent", b"x_b", b"!#$%&'*+-.^`|~9", b"Accept-Encoding", b"Via")
VALUES = (
    b"",
    b"a",
    b"*/*",
    b"a, b;c=d",
    b'"q\\"r"',
    b"\xe9\xff",
    b"a\tb",
    b"  spaces   inside  ",
    b"%00",
    b"\x80" * 50,
)
UPGRADES = (b"h2c", b"websocket", b"TLS/1.2", b"a/1, b/2")


class Grammar:
    """Generates requests; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)

    def connection(self) -> list[RawRequest]:
        """Return the requests of one connection, which are pipelined."""
        requests = [self.valid() for _ in range(self._draw.randint(0, 12))]
        end = self._draw.random()
        if end < 0.55:
            requests.append(self.broken())
        elif end < 0.8:
            requests.append(self.mutated())
        elif end < 0.9 or not requests:
            requests.append(self.valid(last=True))
        return requests

    def valid(self, *, last: bool = False) -> RawRequest:
        """Return a valid request, which the application answers."""
        draw = self._draw
        method, target, has_body, status = draw.choice(PLAIN)
        version = b"HTTP/1.1"
        fields = [(draw.choice(NAMES), draw.choice(VALUES)) for _ in range(draw.randint(0, 5))]
        host = draw.choice((b"a", b"a.example:8080", b"[::1]", b"[2001:db8::1]:1", b"127.0.0.1:", b"%41", b"a_b~"))
        if target != b"*" and draw.random() < 0.1:
            target = draw.choice((b"http://b", b"HTTPS://b:1")) + target
        if last:
            version, close = draw.choice(
                ((b"HTTP/1.0", b"keep-alive"), (b"HTTP/1.1", b"close"), (b"HTTP/1.1", b"x, CLOSE"))
            )
            fields.append((b"Connection", close))
        elif draw.random() < 0.1:
            fields += [(b"Connection", b"a, Upgrade"), (b"Upgrade", draw.choice(UPGRADES))]
        elif draw.random() < 0.05:
            version = b"HTTP/1.9"
        body = b""
        if has_body:
            fields.append((b"Content-Type", b"application/json"))
            framing, body = self._framed(ITEM, chunked=version != b"HTTP/1.0" and draw.random() < 0.5)
            fields.append(framing)
        fields.append((b"Host", host))
        draw.shuffle(fields)
        lines = b"".join(self._field(name, value) for name, value in fields)
        before = b"\r\n" * draw.choice((0, 0, 0, 0, 1, 2))
        data = b"%b%b %b %b\r\n%b\r\n%b" % (before, method.encode(), target, version, lines, body)
        return RawRequest(data=data, method=method, statuses=frozenset({status}), last=last)

    def broken(self) -> RawRequest:
        """Return an invalid request, which the server refuses."""
        draw = self._draw
        statuses, data = draw.choice(BREAKS)(self)
        return RawRequest(data=data, statuses=frozenset(statuses), last=True)

    def mutated(self) -> RawRequest:
        """Return a valid request with bytes changed, removed or repeated: it may be valid, invalid or incomplete."""
        draw = self._draw
        data = bytearray(self.valid().data)
        for _ in range(draw.randint(1, 4)):
            if not data:
                break
            at = draw.randrange(len(data))
            how = draw.random()
            if how < 0.5:
                data[at] = draw.choice((0, 9, 10, 13, 32, 44, 58, 127, 255, draw.randrange(256)))
            elif how < 0.7:
                del data[at : at + draw.randint(1, 5)]
            elif how < 0.9:
                data[at:at] = data[at : at + draw.randint(1, 20)]
            else:
                del data[at + 1 :]
        # A HEAD may have become a GET or vice versa, so it is unknown whether the answer has a body.
        return RawRequest(data=bytes(data), method="", answered=False)

    def text(self, alphabet: bytes, least: int, most: int) -> bytes:
        """Return random bytes of the alphabet."""
        return bytes(self._draw.choices(alphabet, k=self._draw.randint(least, most)))

    def pick(self, *choices: bytes) -> bytes:
        """Return a random choice."""
        return self._draw.choice(choices)

    def _framed(self, body: bytes, *, chunked: bool) -> tuple[tuple[bytes, bytes], bytes]:
        draw = self._draw
        if not chunked:
            return (b"Content-Length", b"0" * draw.choice((0, 0, 3)) + str(len(body)).encode()), body
        chunks = b""
        while body:
            size = draw.randint(1, len(body))
            extension = draw.choice((b"", b"", b";a", b";a=b", b';a="b;c"'))
            chunks += b"%0*x%b\r\n%b\r\n" % (draw.choice((1, 1, 6)), size, extension, body[:size])
            body = body[size:]
        trailer = draw.choice((b"", b"", b"X-Trailer: a\r\n", b"Host: b\r\nX: y\r\n"))
        return (b"Transfer-Encoding", draw.choice((b"chunked", b"Chunked"))), chunks + b"0\r\n" + trailer + b"\r\n"

    def _field(self, name: bytes, value: bytes) -> bytes:
        draw = self._draw
        name = draw.choice((name, name.lower(), name.upper()))
        return b"%b:%b%b%b\r\n" % (name, draw.choice((b"", b" ", b" \t ")), value, draw.choice((b"", b"", b" ")))


Break = Callable[[Grammar], tuple[set[int], bytes]]
_TOKEN = b"abcXYZ019!#$%&'*+-.^_`|~"
_NO_TOKEN = b'"(),/;<=>?@[\\]{}\x01\x7f\x80'
_CONTROL = bytes(set(range(32)) - {9}) + b"\x7f"


def _head(line: bytes = b"GET / HTTP/1.1", *fields: bytes) -> bytes:
    return b"\r\n".join((line, b"Host: a", *fields)) + b"\r\n\r\n"


def _post(*fields: bytes) -> bytes:
    return _head(b"POST /api/v1/items HTTP/1.1", *fields)


def _chunks(chunks: bytes) -> bytes:
    return _post(b"Transfer-Encoding: chunked") + chunks


BREAKS: tuple[Break, ...] = (
    # Method: 400 if it is not a token, 501 if it is unknown.
    lambda g: ({400}, _head(g.text(_NO_TOKEN, 1, 3) + b" / HTTP/1.1")),
    lambda g: ({501}, _head(b"Z" + g.text(b"ABCXYZ-", 0, 30) + b" / HTTP/1.1")),
    lambda g: ({501}, _head(g.pick(b"get", b"Post", b"SETUP") + b" / HTTP/1.1")),
    # Target.
    lambda g: (
        {400},
        _head(b"GET /" + g.text(b"a\x01\x7f\xff ", 0, 9) + g.pick(b"\x01", b"\xff", b" x") + b" HTTP/1.1"),
    ),
    lambda g: ({400}, _head(b"GET " + g.pick(b"a", b"*", b"/#", b"/a#b", b"http:///", b"http://u@a/") + b" HTTP/1.1")),
    lambda g: ({414}, _head(b"GET /" + b"a" * 8_192 + g.text(b"a", 1, 9_000) + b" HTTP/1.1")),
    # Version: 505 for another major version, 400 for an invalid one.
    lambda g: ({505}, _head(b"GET / HTTP/" + g.pick(b"0.9", b"2.0", b"3.0", b"9.9", b"0.0"))),
    lambda g: (
        {400},
        _head(b"GET / " + g.pick(b"HTTP/1", b"HTTP/1.", b"HTTP/11.1", b"http/1.1", b"HTTQ/1.1", b"HTTP 1.1")),
    ),
    # Fields.
    lambda g: ({400}, _head(b"GET / HTTP/1.1", g.text(_TOKEN, 1, 9) + g.pick(b" ", b"\t", b"  ") + b": a")),
    lambda g: ({400}, _head(b"GET / HTTP/1.1", g.text(_TOKEN, 0, 9) + g.text(_NO_TOKEN, 1, 1) + b"a: b")),
    lambda g: ({400}, _head(b"GET / HTTP/1.1", b"X: a" + g.text(_CONTROL.replace(b"\n", b""), 1, 1) + b"b")),
    lambda g: ({400}, _head(b"GET / HTTP/1.1", b"X: a" + g.pick(b"\n", b"\r", b"\n\r", b"\r\r\n") + b"Y: b")),
    lambda g: ({400}, _head(b"GET / HTTP/1.1", b"X: a\r\n" + g.pick(b" ", b"\t", b"  \t") + g.text(_TOKEN, 1, 9))),
    lambda g: ({400}, _head(b"GET / HTTP/1.1", g.text(_TOKEN, 1, 9))),
    lambda g: ({431}, _head(b"GET / HTTP/1.1", *[g.text(_TOKEN, 1, 9) + b": a"] * 120)),
    lambda g: ({431}, _head(b"GET / HTTP/1.1", b"X: " + b"a" * 33_000 + g.text(b"a", 0, 9_000))),
    # Host.
    lambda g: (
        {400},
        b"GET / HTTP/1.1\r\n" + g.pick(b"", b"X: a\r\n", b"Host: a\r\nHost: a\r\n", b"Host:\r\n") + b"\r\n",
    ),
    lambda g: ({400}, b"GET / HTTP/1.1\r\nHost: a" + g.text(b'/?#@\\<>"{}|^` ', 1, 5) + b"b\r\n\r\n"),
    lambda g: (
        {400},
        b"GET / HTTP/1.1\r\nHost: a:" + g.pick(b"x", b"65536", b"-1", b"1:2", b"1 2", b"9" * 5_000) + b"\r\n\r\n",
    ),
    # Framing.
    lambda g: ({400}, _post(b"Content-Length: " + g.pick(b"-1", b"+1", b"0x1", b"1 1", b"1,1", b"1.0", b"a", b""))),
    lambda g: ({413}, _post(b"Content-Length: " + g.text(b"123456789", 21, 40))),
    lambda g: ({413}, _post(b"Content-Length: 10" + g.text(b"0123456789", 7, 7))),
    lambda g: ({400}, _post(b"Content-Length: 1", b"Content-Length: " + g.pick(b"1", b"2", b"01")) + b"a"),
    lambda g: (
        {400},
        _post(
            *g.pick(b"T: c;C: 1", b"C: 1;T: c")
            .replace(b"T: c", b"Transfer-Encoding: chunked")
            .replace(b"C: 1", b"Content-Length: 1")
            .split(b";")
        )
        + b"0\r\n\r\n",
    ),
    lambda g: (
        {400},
        _post(b"Transfer-Encoding: " + g.pick(b"gzip", b"identity", b"chunked, gzip", b"xchunked", b"chunke")),
    ),
    lambda g: ({501}, _post(b"Transfer-Encoding: " + g.pick(b"gzip", b"x", b"deflate") + b", chunked") + b"0\r\n\r\n"),
    lambda g: ({400}, _head(b"POST / HTTP/1.0", b"Transfer-Encoding: chunked") + b"0\r\n\r\n"),
    # Chunks.
    lambda g: ({400}, _chunks(g.pick(b"g", b"-1", b"+1", b"0x1", b" 1", b"1 ", b"", b"1\n") + b"\r\na\r\n0\r\n\r\n")),
    lambda g: ({413}, _chunks(g.text(b"123456789abcdef", 17, 30) + b"\r\na\r\n")),
    lambda g: ({400}, _chunks(b"1\r\n" + g.text(b"a", 2, 9) + b"\r\n0\r\n\r\n")),
    lambda g: (
        {400},
        _chunks(b"1\r\na\r\n0\r\n" + g.pick(b"a\r\n\r\n", b"a b: c\r\n\r\n", b"Content-Length: 1\r\n\r\n")),
    ),
    lambda g: ({413}, _chunks((b"8000\r\n" + b"a" * 0x8000 + b"\r\n") * 33 + b"0\r\n\r\n")),
    # Other protocols.
    lambda g: ({505}, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + g.text(_TOKEN, 0, 30)),
    lambda g: ({400}, b"\x16\x03\x01" + g.text(bytes(range(128, 256)), 50, 200)),
)
