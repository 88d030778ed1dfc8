"""Trees of files: a build context, and what the stages of a build hold."""

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
    """A file, a folder or a symbolic link."""

    content: bytes = b""
    mode: int = 0o644
    """Permission bits; those of a link mean nothing."""
    link: str = ""
    """Where a symbolic link points; then there is no content."""
    folder: bool = False
    uid: int = 0
    gid: int = 0


Tree = dict[str, Entry]
"""Path without a leading slash -> entry; the root itself has none."""


def read(context: Path, dockerfile: Path) -> Tree:
    """Read a context folder.

    Raises:
        CloudError: it is no folder, a file cannot be read, or the ignore file has an invalid pattern.
    """
    try:
        return {
            entry.path: Entry(
                content=entry.content, mode=stat.S_IMODE(entry.mode), link=entry.link, folder=entry.is_folder
            )
            for entry in read_files(context, dockerfile)
        }
    except ContextError as error:
        raise CloudError(str(error)) from error


def hash_of(tree: Mapping[str, Entry]) -> str:
    """Return a digest over names, kinds, modes, owners and contents, in hex."""
    total = sha256()
    for path, entry in sorted(tree.items()):
        kind = "d" if entry.folder else "l" if entry.link else "f"
        content = sha256(entry.content).hexdigest()
        facts = (path, kind, f"{entry.mode:o}", str(entry.uid), str(entry.gid), entry.link, content)
        total.update("\0".join(facts).encode() + b"\n")
    return total.hexdigest()


def below(tree: Mapping[str, Entry], path: str) -> Tree:
    """Return the entries at or below a path, by their paths below it; that of the path itself is ''."""
    root = normal(path)
    if not root:
        return {"": Entry(folder=True, mode=0o755), **tree}
    result = {name[len(root) + 1 :]: entry for name, entry in tree.items() if name.startswith(f"{root}/")}
    return {"": tree[root], **result} if root in tree else result


def normal(path: str) -> str:
    """Return a path without leading slash, `.` and `..`; it cannot leave the root."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
