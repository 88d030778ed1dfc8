"""What service levels are computed from: plain sums, so that windows and replicas add up."""

from dataclasses import astuple, dataclass

WINDOWS = {
    "5m": 300,
    "30m": 1800,
    "1h": 3600,
    "2h": 7200,
    "6h": 21_600,
    "1d": 86_400,
    "3d": 259_200,
    "30d": 2_592_000,
}
"""Seconds that each window looks back."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Requests and jobs of one window."""

    requests: int = 0
    server_errors: int = 0
    """Responses with status 500 and above."""
    refused: int = 0
    """Responses with status 429."""
    within_200ms: int = 0
    within_500ms: int = 0
    reads: int = 0
    stale_reads: int = 0
    seconds: float = 0.0
    """Total duration of all requests."""
    jobs_succeeded: int = 0
    jobs_dead: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Return the sum of both."""
        return Counts(
            **{
                name: one + two
                for name, one, two in zip(self.__dataclass_fields__, astuple(self), astuple(other), strict=True)
            }
        )
