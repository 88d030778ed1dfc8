"""Requests to a WSGI application in the same process equal those over HTTP, and so do the responses."""

import io
import string
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.httpsession import URLLib3Session
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from localcloud.aws.in_process import InProcess, environ
from localcloud.aws.wsgi import Environ, read_body

# Set by the connection or the server, not by the sender of the request.
OF_THE_CONNECTION = ("HTTP_CONNECTION", "HTTP_ACCEPT_ENCODING")
BODY = b"answer " * 20_000
TEXTS = st.text(string.ascii_letters + string.digits + "-_.~/ %+äß", max_size=30)
PATHS = TEXTS.map(lambda text: quote(text.lstrip("/")))  # in botocore's encoding
NAMES = st.text(string.ascii_lowercase + "-", min_size=1, max_size=12).map(lambda name: f"X-{name}")


class Echo:
    """Records the last request and its body."""

    def __init__(self) -> None:
        self.last: Environ = {}
        self.body = b""

    def __call__(self, given: Environ, start_response: Any) -> list[bytes]:
        self.last, self.body = given, read_body(given)
        start_response("404 Not Found", [("X-Amzn-RequestId", "1"), ("Content-Type", "text/xml; charset=utf-8")])
        return [BODY, b"end"]

    @property
    def seen(self) -> Environ:
        """The parts of a request that an application reads."""
        keys = {"REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "RAW_URI", "CONTENT_TYPE", "CONTENT_LENGTH"}
        return {
            key: value
            for key, value in self.last.items()
            if (key in keys or key.startswith("HTTP_")) and key not in OF_THE_CONNECTION
        }


@pytest.fixture(scope="module")
def over_http() -> Iterator[tuple[str, Echo]]:
    echo = Echo()
    server = make_server("127.0.0.1", 0, echo, threaded=True, request_handler=MotoRequestHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", echo
    server.shutdown()
    thread.join()
    server.server_close()


@settings(max_examples=60, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    path=PATHS,
    query=st.dictionaries(NAMES, TEXTS, max_size=3),
    headers=st.dictionaries(NAMES, st.text(string.ascii_letters + string.digits + "/=;", max_size=20), max_size=3),
    body=st.one_of(st.binary(max_size=50), st.text(string.printable, max_size=20)),
)
def test_an_application_gets_the_same_request_as_from_a_server(
    over_http: tuple[str, Echo], method: str, path: str, query: dict[str, str], headers: dict[str, str], body: Any
) -> None:
    endpoint, served = over_http
    typed = {**headers, "Content-Type": "application/x-www-form-urlencoded", "User-Agent": "botocore"}
    asked = AWSRequest(method, f"{endpoint}/{path}", headers=typed, data=body, params=query).prepare()
    URLLib3Session().send(asked)
    near = Echo()

    InProcess(near).send(asked)

    # A server may omit the length of an empty body.
    assert {**served.seen, "CONTENT_LENGTH": str(len(served.body))} == near.seen
    assert near.body == served.body


def test_botocore_gets_the_same_response_as_over_http(over_http: tuple[str, Echo]) -> None:
    endpoint, _ = over_http
    asked = AWSRequest("GET", f"{endpoint}/missing").prepare()

    far, near = URLLib3Session().send(asked), InProcess(Echo()).send(asked)

    assert (
        (near.status_code, near.content, near.text)
        == (far.status_code, far.content, far.text)
        == (
            404,
            BODY + b"end",
            (BODY + b"end").decode(),
        )
    )
    assert near.headers["x-amzn-requestid"] == far.headers["x-amzn-requestid"] == "1"


@pytest.mark.parametrize("data", [lambda: b"content", lambda: io.BytesIO(b"content")], ids=["bytes", "file"])
def test_reads_a_body_from_bytes_or_a_file(data: Callable[[], Any]) -> None:
    echo = Echo()

    def asked() -> AWSPreparedRequest:
        return AWSRequest("PUT", "http://127.0.0.1/bucket/key", data=data()).prepare()

    assert environ(asked())["CONTENT_LENGTH"] == "7"
    InProcess(echo).send(asked())

    assert echo.body == b"content"
