"""Requests that are refused before they reach the application, and the status of each."""

import re

import httptools

_TOKEN = rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
# The start of a request line, as far as it has arrived.
_REQUEST_LINE = re.compile(rb"(?:\r\n)*(" + _TOKEN + rb")(?:\Z| \S*(?:\Z| (?:HTTP/|[HTP/]*\Z)))")
# Messages of llhttp for the preface of HTTP/2, for an invalid or unknown method, and for one of RTSP.
_HTTP2 = "Pause on PRI/Upgrade"
_INVALID_METHOD = "Invalid method encountered"
_NOT_OF_HTTP = "Invalid method for HTTP/x.x request"
_TOO_LARGE = {"Content-Length overflow", "Chunk size overflow"}
"""Messages of llhttp for a length that does not fit into 64 bits."""


class RefusalError(Exception):
    """The response has `status`, and the connection is closed. `detail` holds nothing of the request."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def of_parser_error(error: httptools.HttpParserError, data: bytes, body: bytes) -> RefusalError:
    """Return the refusal for an error of the parser.

    `data` is its last input, and `body` the last piece of a body in it.

    A RefusalError that a callback raised is returned as it is; any other error of a callback is raised.
    """
    if isinstance(error, httptools.HttpParserCallbackError):
        if isinstance(error.__context__, RefusalError):
            return error.__context__
        raise error  # a bug of the server, not an error of the client
    reason = str(error)
    if reason == _HTTP2:
        return RefusalError(505, "this server supports HTTP/1.1 and HTTP/1.0")
    if reason == _NOT_OF_HTTP or (reason == _INVALID_METHOD and _has_unknown_method(data, body)):
        return RefusalError(501, "the method is unknown to this server")
    if reason in _TOO_LARGE:
        return RefusalError(413, f"the length of the body is too large: {reason}")
    return RefusalError(400, f"the request is not valid HTTP/1.1: {reason}")


def _has_unknown_method(data: bytes, body: bytes) -> bool:
    # llhttp does not report where it stopped. A request starts with the data, after the empty line of another request,
    # or after the body of that one. These places are searched for a method that llhttp does not know (RFC 9110, 9.1).
    ends = [0, *(match.end() for match in re.finditer(rb"\r\n\r\n", data))]
    starts = {*ends, *(end + len(body) for end in ends if data.startswith(body, end))}
    lines = (_REQUEST_LINE.match(data, start) for start in starts)
    return any(line is not None and not _is_known(line[1]) for line in lines)


def _is_known(method: bytes) -> bool:
    try:
        httptools.HttpRequestParser(object()).feed_data(method + b" / HTTP/1.1\r\n")
    except httptools.HttpParserError:
        return False
    return True
