"""The files, folders and links of a build context, without those that its ignore file excludes."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from buildcontext.errors import ContextError
from buildcontext.patterns import Ignore, Matches


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file, a folder or a symbolic link that a build is sent."""

    path: str
    """Path relative to the context's folder, with slashes."""
    mode: int
    """Type and permission bits, as of lstat."""
    content: bytes = b""
    """Of a file."""
    link: str = ""
    """Target of a symbolic link, which is sent as a link, whatever its target is."""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.mode)


def read_ignore(context: Path, dockerfile: Path) -> Ignore:
    """Read the ignore file of a build: `NAME.dockerignore` next to the Dockerfile NAME, else the context's own.

    Source: https://docs.docker.com/build/concepts/context/#filename-and-location

    Raises:
        ContextError: it cannot be read, or a pattern is invalid.
    """
    for path in (dockerfile.with_name(f"{dockerfile.name}.dockerignore"), context / ".dockerignore"):
        try:
            return Ignore(path.read_bytes().decode(errors="surrogateescape"), str(path))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ContextError(f"{path} cannot be read: {error.strerror}") from error
    return Ignore()


def read_dockerfile(dockerfile: Path) -> bytes:
    """Read the Dockerfile, which is sent to the builder even if the ignore file names it.

    Raises:
        ContextError: it cannot be read.
    """
    try:
        return dockerfile.read_bytes()
    except OSError as error:
        raise ContextError(f"Dockerfile {dockerfile} cannot be read: {error.strerror}") from error


def read_files(context: Path, dockerfile: Path) -> Iterator[Entry]:
    """Read the files that a build is sent, sorted, each folder before its content.

    Raises:
        ContextError: the context is not a folder, cannot be read, or contains a file that cannot be sent.
    """
    if not context.is_dir():
        raise ContextError(f"build context {context} is not a folder")
    ignore = read_ignore(context, dockerfile)
    try:
        yield from _walk(context, "", ignore, Matches())
    except OSError as error:
        raise ContextError(
            f"build context {context}: {error.filename} cannot be read ({error.strerror}); "
            "make it readable, or add it to .dockerignore"
        ) from error


def _walk(context: Path, folder: str, ignore: Ignore, parent: Matches) -> Iterator[Entry]:
    try:
        names = sorted(path.name for path in (context / folder).iterdir())
    except PermissionError:
        if parent.ignored:  # as fsutil does: its content cannot be included
            return
        raise
    for name in names:
        path = f"{folder}/{name}" if folder else name
        found = ignore.match(path, parent)
        mode = (context / path).lstat().st_mode
        if not found.ignored:
            yield _entry(context, path, mode)
        if stat.S_ISDIR(mode) and (not found.ignored or ignore.has_exceptions):
            below = _walk(context, path, ignore, found)
            for entry in below:
                if found.ignored:  # an exception in an ignored folder includes the folder
                    yield _entry(context, path, mode)
                    found = Matches(False, found.by_pattern)
                yield entry


def _entry(context: Path, path: str, mode: int) -> Entry:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise ContextError(
            f"build context {context}: the name {os.fsencode(path)!r} is not UTF-8 and cannot be sent to a builder; "
            "rename it, or add it to .dockerignore"
        ) from None
    if stat.S_ISDIR(mode):
        return Entry(path=path, mode=mode)
    if stat.S_ISLNK(mode):
        return Entry(path=path, mode=mode, link=os.readlink(context / path))  # noqa: PTH115 - Path drops a last slash
    if stat.S_ISREG(mode):
        return Entry(path=path, mode=mode, content=(context / path).read_bytes())
    raise ContextError(
        f"build context {context}: {path} is a socket, a pipe or a device and cannot be sent to a builder; "
        "remove it, or add it to .dockerignore"
    )
