"""What an API server's answer can be other than an object."""

from localcloud.protocol.servicer import ProviderError


class RefusedError(ProviderError):
    """The API server said no."""

    def __init__(self, message: str, code: int, reason: str) -> None:
        super().__init__(message)
        self.code = code
        """The HTTP status."""
        self.reason = reason
        """The Kubernetes reason, such as `Invalid`, `Forbidden` or `Conflict`."""


class UnreachableError(ProviderError):
    """The API server did not answer."""


class CancelledError(ProviderError):
    """The engine asked to stop waiting."""
