"""Requests of botocore to an application in the same process: no socket, no thread and no parsing of HTTP between."""

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from localcloud.aws.wsgi import Application, Environ, environ_of, run

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

CHUNK_BYTES = 64 * 1024
WITHOUT_PREFIX = ("Content-Type", "Content-Length")
"""Headers that WSGI has without `HTTP_`: https://peps.python.org/pep-3333/#environ-variables"""


class InProcess:
    """What botocore calls the HTTP session of an endpoint.

    Args:
        application: the WSGI application that answers.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def send(self, request: "AWSPreparedRequest") -> "AWSResponse":
        """Answer a request that is ready to be sent."""
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - slow to load, and a preview needs none

        headers: Any = {}

        def start(_status: str, fields: Iterable[tuple[str, str]], _exc_info: Any = None) -> None:
            headers.update(fields)

        status, body = run(self._application, environ(request), start)
        return AWSResponse(request.url, status, headers, _Raw(b"".join(body)))

    def close(self) -> None:
        """Do nothing: there is no connection."""


class _Raw(io.BytesIO):
    """A body as botocore reads it from urllib3."""

    def stream(self, amount: int = CHUNK_BYTES) -> Iterator[bytes]:
        while chunk := self.read(amount):
            yield chunk


def environ(request: "AWSPreparedRequest") -> Environ:
    """Return a request as a WSGI server hands it to an application."""
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
