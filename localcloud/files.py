"""Files that are readable by their owner only and are written atomically."""

import json
import os
from pathlib import Path
from typing import IO, Any

from localcloud.errors import CloudError

LOG_BYTES = 10 * 1024 * 1024


def make_private(folder: Path) -> None:
    """Create a folder and its missing parents with mode 0700; `mkdir(parents=True)` uses the umask for parents."""
    if not folder.parent.exists():
        make_private(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)


def open_log(path: Path) -> IO[bytes]:
    """Open a log file for appending, with mode 0600; a log larger than 10 MB is renamed to `<name>.previous` first."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.previous"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file atomically with mode 0600, so that a reader never sees a partial file."""
    draft = path.with_name(f".{path.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    draft.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file atomically with mode 0600."""
    write_private(path, json.dumps(value, indent=2))


def read_json(path: Path) -> Any:
    """Return the content of a JSON file, or None if it does not exist.

    Raises:
        CloudError: the file is not valid JSON.
    """
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise CloudError(
            f"{path} is corrupt ({error}); restore it, or delete {path.parent}, which removes the cloud and its data"
        ) from error
