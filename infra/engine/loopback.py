"""Requests to servers of this machine: never through a proxy that the environment may name."""

import json
import urllib.request
from http.client import HTTPResponse
from typing import Any

from infra.errors import OperationError

REQUEST_SECONDS = 60
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def open_url(url: str, *, seconds: float = REQUEST_SECONDS) -> HTTPResponse:
    """GET a loopback URL; raises OSError as urllib does."""
    response: HTTPResponse = _opener.open(url, timeout=seconds)
    return response


def ask(url: str, question: object = None) -> Any:
    """The JSON answer to a GET, or to a POST of `question` as JSON.

    Raises:
        OperationError: nobody answers there, or not as asked.
    """
    data = None if question is None else json.dumps(question).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})  # noqa: S310
    try:
        with _opener.open(request, timeout=REQUEST_SECONDS) as response:
            return json.load(response)
    except (OSError, ValueError) as error:
        raise OperationError(f"{url} does not answer as it should: {error}; `drydock status` tells why") from error
