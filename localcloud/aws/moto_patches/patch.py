"""Patches of moto: the supported versions of moto, the changes, and their undo."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localcloud.errors import CloudError

_ABSENT = object()


@dataclass(frozen=True, kw_only=True)
class Places:
    """Addresses of the real servers that the emulated services return, and access to the database."""

    kube: tuple[str, str]
    """Endpoint and base64-encoded certificate authority of the API server."""
    database: tuple[str, int]
    """Host and port of PostgreSQL."""
    set_master_login: Callable[[dict[str, str]], None] = lambda _login: None
    """Creates the role and the database of an instance, or sets the password of the role. Its argument has the keys
    `identifier`, `username`, `password` and `dbName`."""


class Changes:
    """Changes of moto's classes and tables, recorded so that they can be undone."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._undo: list[Callable[[], None]] = []

    def put(self, owner: Any, name: str, value: Any) -> Any:
        """Set an attribute of a class or module, and return the previous value or None."""
        own, inherited = vars(owner).get(name, _ABSENT), getattr(owner, name, None)
        setattr(owner, name, value)
        self._undo.append(lambda: delattr(owner, name) if own is _ABSENT else setattr(owner, name, own))
        return inherited

    def put_item(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """Set an item of a table, unless the key exists."""
        if key not in table:
            table[key] = value
            self._undo.append(lambda: table.pop(key, None))

    def undo(self) -> None:
        """Undo all changes in reverse order."""
        while self._undo:
            self._undo.pop()()


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A patch of one defect of moto."""

    name: str
    since: str = "5.2"
    """First checked version of moto that needs the patch."""
    before: str = "5.3"
    """First version of moto that was not checked."""
    apply: Callable[[Changes], None] = field(repr=False)

    def check(self, installed: str) -> None:
        """Check that the patch supports a version of moto.

        Raises:
            CloudError: the version is outside of the supported range.
        """
        if not _numbers(self.since) <= _numbers(installed) < _numbers(self.before):
            raise CloudError(
                f"moto {installed} is installed, but the patch {self.name} covers {self.since} up to, but not, "
                f"{self.before}: install a supported version (make setup), or check whether the patch is still needed "
                f"and change its range in localcloud/aws/moto_patches/{self.name}.py"
            )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in version.split(".")[:3])
