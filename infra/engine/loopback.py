"""Requests to servers of this machine, which never use a proxy from the environment."""

import json
import socket
import ssl
import urllib.request
from collections.abc import Iterable, Mapping
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any

from infra.errors import OperationError
from localcloud.cloud import Cloud

REQUEST_SECONDS = 60
LOOPBACK = ("127.0.0.1", "localhost")
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def no_proxy(environment: Mapping[str, str], hosts: Iterable[str] = ()) -> dict[str, str]:
    """Return the variables that exclude this machine's addresses, and `hosts`, from proxies.

    Exclusions of the user are kept. Programs read one of the two spellings, so both get the entries of both; gRPC
    prefers a third one, which is set only if the user sets it.
    """
    names = ["NO_PROXY", "no_proxy", *(["no_grpc_proxy"] if environment.get("no_grpc_proxy") else [])]
    given = [entry.strip() for name in names for entry in environment.get(name, "").split(",")]
    # "*" excludes everything; curl accepts it only as the single entry.
    entries = ["*"] if "*" in given else list(dict.fromkeys(filter(None, [*given, *LOOPBACK, *hosts])))
    return dict.fromkeys(names, ",".join(entries))


def open_url(url: str, *, seconds: float = REQUEST_SECONDS, via: Cloud | None = None) -> HTTPResponse:
    """GET a loopback URL; raises OSError as urllib does.

    Args:
        url: URL of a server of this machine; with `via` any URL whose host the load balancer serves.
        seconds: timeout until the response begins.
        via: connect to the load balancer of this local cloud, whatever the host resolves to. Its authority is
            trusted, and certificates must match the host.
    """
    response: HTTPResponse = _opener_for(via).open(url, timeout=seconds)
    return response


def ask(url: str, question: object = None, *, via: Cloud | None = None, token: str | None = None) -> Any:
    """Return the JSON response to a GET, or to a POST of `question`; for `via` see `open_url`; `token`: bearer token.

    Raises:
        OperationError: the server is unavailable or returns an error.
    """
    data = None if question is None else json.dumps(question).encode()
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310
    try:
        with _opener_for(via).open(request, timeout=REQUEST_SECONDS) as response:
            return json.load(response)
    except (OSError, ValueError) as error:
        raise OperationError(f"{url} failed: {error}; see `drydock status`") from error


def _opener_for(via: Cloud | None) -> urllib.request.OpenerDirector:
    if via is None:
        return _opener
    authority = via.authority if via.authority and Path(via.authority).exists() else None
    context = ssl.create_default_context(cafile=authority)
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), _Http(via.gateway_address), _Https(via.gateway_address, context)
    )


class _Http(urllib.request.HTTPHandler):
    """Connects to one address and sends the Host of the URL."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def http_open(self, request: urllib.request.Request) -> HTTPResponse:
        return self.do_open(partial(_connection, HTTPConnection, self._address), request)


class _Https(urllib.request.HTTPSHandler):
    """The same over TLS; the certificate is verified for the URL's host."""

    def __init__(self, address: str, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._address = address
        self._tls = context

    def https_open(self, request: urllib.request.Request) -> HTTPResponse:
        made = partial(_connection, HTTPSConnection, self._address, context=self._tls)
        return self.do_open(made, request)


def _connection(kind: type[HTTPConnection], address: str, host: str, **options: Any) -> HTTPConnection:
    connection = kind(host, **options)
    # http.client verifies the certificate for its host, and connects by this function.
    connection._create_connection = lambda where, *rest: socket.create_connection((address, where[1]), *rest)  # type: ignore[attr-defined]
    return connection
