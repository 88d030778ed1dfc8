"""WSGI middleware around moto that journals changing requests one at a time, and replays them at the start."""

import base64
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from localcloud.aws.determinism import now, repeatable
from localcloud.aws.journal import Journal, Request
from localcloud.aws.messages import OPERATIONS, Messages
from localcloud.aws.wsgi import Application, Environ, environ_of, read_body, run

_READS = re.compile(
    r"^(Describe|Get|List|Head|Lookup|Search|Simulate|Filter|BatchGet|BatchCheck|Generate|Encrypt|Decrypt|Verify|Sign)"
)
OPERATION_HEADER = "X-Drydock-Operation"
"""Header with the id of the provider's operation that a request is a part of."""
_OPERATION = "HTTP_" + OPERATION_HEADER.upper().replace("-", "_")
_SIGNATURE = re.compile(r"Signature=\w+")
# Headers that do not affect the response.
_DROPPED = {_OPERATION, "HTTP_USER_AGENT", "HTTP_CONNECTION", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT", "HTTP_EXPECT"}


class Recorder:
    """moto's application with a journal."""

    def __init__(self, application: Application, journal: Journal) -> None:
        self._application = application
        self._journal = journal
        self._lock = threading.Lock()
        self._messages = Messages(application, self._lock)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Handle a request, and journal it if it changes the account."""
        body = read_body(environ)
        action = _action(environ, body)
        if action in OPERATIONS:
            return self._messages.answer(environ, body, start_response)
        read = _is_read(environ, action)
        # Serialize reads as well, because moto's dictionaries must not change during an iteration.
        with self._lock:
            if read:
                with repeatable("read"):
                    return run(self._application, environ, start_response)[1]
            request = _request(environ, body, self._journal.next_sequence())
            with repeatable(str(request.sequence), request.at):
                status, content = run(self._application, environ, start_response)
            if status < 400:  # a refused request changes nothing
                self._journal.add(request, environ.get(_OPERATION))
            return content

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Context in which requests wait, so that the account does not change."""
        with self._lock:
            yield

    def replay(self) -> None:
        """Send all requests of the journal to an empty account."""
        for request in self._journal.requests():
            with repeatable(str(request.sequence), request.at):
                run(
                    self._application,
                    environ_of(request.method, request.uri, request.headers, request.data),
                    lambda *_: None,
                )


def _action(environ: Environ, body: bytes) -> str:
    """Return the operation that a header or form names, or "" for a REST request."""
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
