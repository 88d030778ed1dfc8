"""Requests to servers of this machine: never through a proxy that the environment may name."""

import json
import urllib.request
from collections.abc import Iterable, Mapping
from http.client import HTTPResponse
from typing import Any

from infra.errors import OperationError

REQUEST_SECONDS = 60
LOOPBACK = ("127.0.0.1", "localhost")
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def no_proxy(environment: Mapping[str, str], hosts: Iterable[str] = ()) -> dict[str, str]:
    """The variables that keep this machine's addresses, and `hosts`, from going through a proxy.

    What the user excludes stays excluded. Programs read one of the two spellings, so both get the entries of both; gRPC
    reads a third one before them, which is set only where the user did.
    """
    names = ["NO_PROXY", "no_proxy", *(["no_grpc_proxy"] if environment.get("no_grpc_proxy") else [])]
    given = [entry.strip() for name in names for entry in environment.get(name, "").split(",")]
    # "*" excludes everything, and curl reads it only where it stands alone.
    entries = ["*"] if "*" in given else list(dict.fromkeys(filter(None, [*given, *LOOPBACK, *hosts])))
    return dict.fromkeys(names, ",".join(entries))


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
