"""What the stand-in asks of the server behind RDS instances."""

from typing import Protocol

from localcloud.protocol.values import Properties


class Database(Protocol):
    """The databases behind RDS instances; see `database`."""

    def ensure(self, instance: Properties) -> None:
        """Create the role and the database of an instance, or set its password, whatever of it exists."""

    def drop(self, instance: Properties) -> None:
        """Drop the database and the role of an instance, if they exist."""
