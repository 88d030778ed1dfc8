"""A port of a protocol."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Port:
    """A port number and its protocol, `TCP` or `UDP`, as in Kubernetes."""

    protocol: str
    number: int

    def __str__(self) -> str:
        return f"{self.protocol} {self.number}"
