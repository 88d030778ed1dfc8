"""Sends requests of botocore to a WSGI application in the same process, without sockets, threads and HTTP parsing."""

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from localcloud.aws.wsgi import Application, Environ, environ_of, run

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

CHUNK_BYTES = 64 * 1024
WITHOUT_PREFIX = ("Content-Type", "Content-Length")
"""Headers without the prefix `HTTP_` in WSGI: https://peps.python.org/pep-3333/#environ-variables"""


class InProcess:
    """An HTTP session of a botocore endpoint.

    Args:
        application: WSGI application that handles the requests.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def send(self, request: "AWSPreparedRequest") -> "AWSResponse":
        """Pass a prepared request to the application, and return its response."""
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - slow to load, and a preview needs none

        headers: Any = {}

        def start(_status: str, fields: Iterable[tuple[str, str]], _exc_info: Any = None) -> None:
            headers.update(fields)

        status, body = run(self._application, environ(request), start)
        return AWSResponse(request.url, status, headers, _Raw(b"".join(body)))

    def close(self) -> None:
        """Do nothing: there is no connection."""


class _Raw(io.BytesIO):
    """The body of a response, with the interface of urllib3 that botocore uses."""

    def stream(self, amount: int = CHUNK_BYTES) -> Iterator[bytes]:
        while chunk := self.read(amount):
            yield chunk


def environ(request: "AWSPreparedRequest") -> Environ:
    """Return the WSGI environment of a request."""
    url = urlsplit(request.url)
    body = _bytes(request.body)
    headers = {str(name): _text(value) for name, value in request.headers.items()}
    headers |= {"Host": url.netloc, "Content-Length": str(len(body))}
    target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    return environ_of(str(request.method), target, {_variable(name): value for name, value in headers.items()}, body)


def _variable(name: str) -> str:
    variable = name.upper().replace("-", "_")
    return variable if name in WITHOUT_PREFIX else f"HTTP_{variable}"


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    if hasattr(body, "read"):
        return bytes(body.read())
    return body.encode() if isinstance(body, str) else bytes(body or b"")
