"""File trees: the build context, and the files of build stages."""

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
    """Permission bits; ignored for symbolic links."""
    link: str = ""
    """Target of a symbolic link, which has no content; empty for other entries."""
    folder: bool = False
    uid: int = 0
    gid: int = 0


Tree = dict[str, Entry]
"""Path without a leading slash -> entry; the root folder itself has no entry."""


def read(context: Path, dockerfile: Path) -> Tree:
    """Read a build context, without the files excluded by the ignore file.

    Raises:
        CloudError: the path is not a folder, a file cannot be read, or the ignore file has an invalid pattern.
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
    """Return a hexadecimal digest of the names, types, modes, owners and contents of all entries."""
    total = sha256()
    for path, entry in sorted(tree.items()):
        kind = "d" if entry.folder else "l" if entry.link else "f"
        content = sha256(entry.content).hexdigest()
        facts = (path, kind, f"{entry.mode:o}", str(entry.uid), str(entry.gid), entry.link, content)
        total.update("\0".join(facts).encode() + b"\n")
    return total.hexdigest()


def below(tree: Mapping[str, Entry], path: str) -> Tree:
    """Return the entries at or below a path, with paths relative to it; the relative path of the path itself is ''."""
    root = normal(path)
    if not root:
        return {"": Entry(folder=True, mode=0o755), **tree}
    result = {name[len(root) + 1 :]: entry for name, entry in tree.items() if name.startswith(f"{root}/")}
    return {"": tree[root], **result} if root in tree else result


def normal(path: str) -> str:
    """Return a path without leading slash, `.` and `..`; the result is always within the root."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
