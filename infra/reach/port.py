"""A port of a protocol."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Port:
    """A protocol of Kubernetes, `TCP` or `UDP`, and a port."""

    protocol: str
    number: int

    def __str__(self) -> str:
        return f"{self.protocol} {self.number}"
