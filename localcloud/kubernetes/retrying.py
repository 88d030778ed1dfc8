"""Retries requests that the API server temporarily rejects, as client-go does."""

import ssl
import time
from http import HTTPStatus

import httpx2

ATTEMPTS = 30
MAX_DELAY_SECONDS = 2.0


class RetryingTransport(httpx2.BaseTransport):
    """HTTP transport to an API server, which answers 429 to requests for a kind until its storage is initialized.

    Initialization takes a second or two after a restart. Only responses with a Retry-After header are retried; the 429
    for an eviction that violates a disruption budget has none.

    Args:
        verify: TLS context with the certificate authority, and with the client's certificate if it has one.
    """

    def __init__(self, verify: ssl.SSLContext) -> None:
        self._inner = httpx2.HTTPTransport(verify=verify)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and retry it while the API server asks for that, with at most ATTEMPTS attempts."""
        for _ in range(ATTEMPTS - 1):
            response = self._inner.handle_request(request)
            delay = response.headers.get("Retry-After", "")
            if response.status_code != HTTPStatus.TOO_MANY_REQUESTS or not delay.isdecimal():
                return response
            response.close()
            time.sleep(min(float(delay), MAX_DELAY_SECONDS))
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()
