"""WSGI middleware around moto: journals what changes the account, one at a time, and replays it at the start."""

import base64
import io
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

from localcloud.aws.determinism import now, repeatable
from localcloud.aws.journal import Journal, Request
from localcloud.aws.messages import OPERATIONS, Messages

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

_READS = re.compile(
    r"^(Describe|Get|List|Head|Lookup|Search|Simulate|Filter|BatchGet|BatchCheck|Generate|Encrypt|Decrypt|Verify|Sign)"
)
OPERATION_HEADER = "X-Drydock-Operation"
"""Names the operation of the provider that a request is a part of."""
_OPERATION = "HTTP_" + OPERATION_HEADER.upper().replace("-", "_")
_SIGNATURE = re.compile(r"Signature=\w+")
# Says nothing about the request itself.
_DROPPED = {_OPERATION, "HTTP_USER_AGENT", "HTTP_CONNECTION", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT", "HTTP_EXPECT"}
MAX_ERROR_STATUS = 600


class Recorder:
    """moto's application, with a memory."""

    def __init__(self, application: Application, journal: Journal) -> None:
        self._application = application
        self._journal = journal
        self._lock = threading.Lock()
        self._messages = Messages(application, self._lock)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        body = read_body(environ)
        action = _action(environ, body)
        if action in OPERATIONS:
            return self._messages.answer(environ, body, start_response)
        read = _is_read(environ, action)
        # One at a time, what reads too: moto's dictionaries must not change while they are listed.
        with self._lock:
            if read:
                with repeatable("read"):
                    return _answer(self._application, environ, start_response)[1]
            request = _request(environ, body, self._journal.next_sequence())
            with repeatable(str(request.sequence), request.at):
                status, content = _answer(self._application, environ, start_response)
            if status < 400:  # what AWS refused changed nothing
                self._journal.add(request, environ.get(_OPERATION))
            return content

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within it, requests wait."""
        with self._lock:
            yield

    def replay(self) -> None:
        """Send a fresh account all requests of the journal again."""
        for request in self._journal.requests():
            with repeatable(str(request.sequence), request.at):
                _answer(self._application, _environ(request), lambda *_: None)


def read_body(environ: Environ) -> bytes:
    """Read the body of a request, and put it back for whoever reads it next."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length or "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", ""):
        body: bytes = environ["wsgi.input"].read(length) if length else b""
    else:
        body = environ["wsgi.input"].read()
        environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _action(environ: Environ, body: bytes) -> str:
    """Return the operation that a header or a form names; empty where method and path say what is to be done."""
    target: str = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    if not target and environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        target = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    return target


def _is_read(environ: Environ, action: str) -> bool:
    if environ["PATH_INFO"].startswith("/moto-api"):
        return True
    if action:
        return bool(_READS.match(action))
    return environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS")


def _request(environ: Environ, body: bytes, sequence: int) -> Request:
    headers = {
        key: _SIGNATURE.sub("Signature=0", value) if key == "HTTP_AUTHORIZATION" else value
        for key, value in environ.items()
        if (key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH")) and key not in _DROPPED
    }
    return Request(
        sequence=sequence,
        time=now().isoformat(),
        method=environ["REQUEST_METHOD"],
        uri=environ["RAW_URI"],
        headers={key: value for key, value in headers.items() if isinstance(value, str)},
        body=base64.b64encode(body).decode(),
    )


def _environ(request: Request) -> Environ:
    path, _, query = request.uri.partition("?")
    host, _, port = request.headers.get("HTTP_HOST", "127.0.0.1").partition(":")
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),  # as WSGI has it
        "QUERY_STRING": query,
        "RAW_URI": request.uri,
        "REQUEST_URI": request.uri,
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.data),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **request.headers,
    }


def _answer(application: Application, environ: Environ, start_response: Any) -> tuple[int, list[bytes]]:
    """Run the application to its end: moto may work on while its answer is read."""
    status = MAX_ERROR_STATUS

    def start(line: str, headers: Any, exc_info: Any = None) -> Any:
        nonlocal status
        status = int(line.partition(" ")[0])
        return start_response(line, headers, *([exc_info] if exc_info else []))

    answer = application(environ, start)
    try:
        return status, list(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
