"""The files of a build context, without what .dockerignore leaves out."""

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from buildcontext.errors import ContextError
from buildcontext.files import read_files
from localcloud.errors import CloudError


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file or a symbolic link."""

    content: bytes = b""
    executable: bool = False
    link: str = ""
    """Where a symbolic link points; then there is no content."""


Tree = dict[str, Entry]
"""Path without a leading slash -> entry; folders are implied."""


def read(context: Path, dockerfile: Path) -> Tree:
    """Read a context folder.

    Raises:
        CloudError: it is no folder, a file cannot be read, or the ignore file has an invalid pattern.
    """
    try:
        return {
            entry.path: Entry(content=entry.content, executable=bool(entry.mode & stat.S_IXUSR), link=entry.link)
            for entry in read_files(context, dockerfile)
            if not entry.is_folder
        }
    except ContextError as error:
        raise CloudError(str(error)) from error


def hash_of(tree: Mapping[str, Entry]) -> str:
    """A digest over names, kinds and contents, in hex."""
    total = sha256()
    for path, entry in sorted(tree.items()):
        content = sha256(entry.content).hexdigest()
        total.update(f"{path}\0{int(entry.executable)}\0{entry.link}\0{content}\n".encode())
    return total.hexdigest()


def below(tree: Mapping[str, Entry], path: str) -> Tree:
    """The entries at or below a path, by their paths below it; that of a file itself is ''."""
    root = normal(path)
    if not root:
        return dict(tree)
    result = {name[len(root) + 1 :]: entry for name, entry in tree.items() if name.startswith(f"{root}/")}
    return {"": tree[root], **result} if root in tree else result


def normal(path: str) -> str:
    """A path without leading slash, `.` and `..`; it cannot leave the root."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
