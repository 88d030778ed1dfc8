"""Errors of requests to the API server."""

from localcloud.protocol.servicer import ProviderError


class RefusedError(ProviderError):
    """The API server rejected the request."""

    def __init__(self, message: str, code: int, reason: str) -> None:
        super().__init__(message)
        self.code = code
        """The HTTP status code."""
        self.reason = reason
        """The Kubernetes reason, such as `Invalid`, `Forbidden` or `Conflict`."""


class UnreachableError(ProviderError):
    """The API server is unavailable."""


class CancelledError(ProviderError):
    """The engine cancelled the wait."""
