"""The interface of the database server of RDS instances."""

from typing import Protocol

from localcloud.protocol.values import Properties


class Database(Protocol):
    """The database server of RDS instances. See `database`."""

    def ensure(self, instance: Properties) -> None:
        """Create the role and the database of an instance if they do not exist, and set the password of the role."""

    def drop(self, instance: Properties) -> None:
        """Drop the database and the role of an instance, if they exist."""
