"""Creates and reads WSGI requests, and runs WSGI applications: https://peps.python.org/pep-3333/."""

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

MAX_ERROR_STATUS = 600


def environ_of(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Environ:
    """Return the environment of a request.

    Args:
        method: such as `GET`.
        target: path and query, percent-encoded.
        headers: by their WSGI variables, such as `HTTP_HOST` and `CONTENT_TYPE`.
        body: the body.
    """
    path, _, query = target.partition("?")
    host, _, port = headers.get("HTTP_HOST", "127.0.0.1").partition(":")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),  # as WSGI has it
        "QUERY_STRING": query,
        "RAW_URI": target,
        "REQUEST_URI": target,
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **headers,
    }


def read_body(environ: Environ) -> bytes:
    """Read the body of a request, and restore it so that the application can read it."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length or "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", ""):
        body: bytes = environ["wsgi.input"].read(length) if length else b""
    else:
        body = environ["wsgi.input"].read()
        environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def run(application: Application, environ: Environ, start_response: Any) -> tuple[int, list[bytes]]:
    """Run the application, and read its response to the end, because moto may do its work only then."""
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
