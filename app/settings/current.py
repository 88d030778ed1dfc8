"""Settings that follow the files in SECRETS_DIR while the process runs."""

from pathlib import Path

import structlog
from pydantic import ValidationError
from pydantic_settings import SettingsError as UnreadableError

from app.settings.settings import Settings

log = structlog.get_logger()

_Version = frozenset[tuple[str, int, int, int]]


class CurrentSettings:
    """Returns the settings with the current content of the files.

    The files are read again only after a change, so a call costs some `stat`s. An invalid value, such as a token that
    is too short, is logged without the value, and the last valid settings stay.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._version: _Version | None = None

    def __call__(self) -> Settings:
        """Return the current settings."""
        folder = self._settings.secrets_dir
        if folder is None:
            return self._settings
        try:
            # Before the files are read, so that a file that changes meanwhile is read again.
            version = _version(folder)
            if version != self._version:
                self._version = version
                self._settings = self._settings.with_current_files()
        except (OSError, ValidationError, UnreadableError) as error:
            log.warning("changed secrets refused", folder=str(folder), faults=_faults(error))
        return self._settings


def _faults(error: Exception) -> list[str]:
    """Return the names of the invalid settings, never a value."""
    if isinstance(error, ValidationError):
        return sorted(str(each["loc"][0]).upper() if each["loc"] else each["msg"] for each in error.errors())
    return [type(error).__name__]


def _version(folder: Path) -> _Version:
    found = ((path.name, path.stat()) for path in folder.iterdir() if not path.name.startswith("."))
    return frozenset((name, stat.st_mtime_ns, stat.st_ino, stat.st_size) for name, stat in found)
