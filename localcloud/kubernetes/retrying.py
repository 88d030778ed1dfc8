"""Requests that the API server answers "not yet" are sent again, as client-go does."""

import ssl
import time
from http import HTTPStatus

import httpx2

ATTEMPTS = 30
MAX_DELAY_SECONDS = 2.0


class RetryingTransport(httpx2.BaseTransport):
    """HTTP over TLS to an API server, which refuses requests for a kind with 429 until its storage is initialized.

    That takes a second or two after a restart. Only an answer with Retry-After is repeated: an eviction that a budget
    forbids has none.

    Args:
        verify: the certificate authority, and the client's certificate if it has one.
    """

    def __init__(self, verify: ssl.SSLContext) -> None:
        self._inner = httpx2.HTTPTransport(verify=verify)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request until it is answered otherwise, at most ATTEMPTS times."""
        for _ in range(ATTEMPTS - 1):
            response = self._inner.handle_request(request)
            delay = response.headers.get("Retry-After", "")
            if response.status_code != HTTPStatus.TOO_MANY_REQUESTS or not delay.isdecimal():
                return response
            response.close()
            time.sleep(min(float(delay), MAX_DELAY_SECONDS))
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close its connections."""
        self._inner.close()
