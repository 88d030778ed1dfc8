"""The files of a build context, without what .dockerignore leaves out."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pathspec import PathSpec

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
        CloudError: it is no folder, or a file cannot be read.
    """
    if not context.is_dir():
        raise CloudError(f"build context {context} is not a folder")
    ignored = _ignored(context, dockerfile)
    tree: Tree = {}
    try:
        for folder, folders, names in os.walk(context):
            folders.sort()
            for name in sorted([*names, *folders]):
                path = Path(folder) / name
                relative = path.relative_to(context).as_posix()
                mode = path.lstat().st_mode
                if stat.S_ISDIR(mode) or not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)) or ignored.match_file(relative):
                    continue
                tree[relative] = (
                    Entry(link=str(path.readlink()))
                    if stat.S_ISLNK(mode)
                    else Entry(content=path.read_bytes(), executable=bool(mode & stat.S_IXUSR))
                )
    except OSError as error:
        raise CloudError(f"build context {context} cannot be read: {error}") from error
    return tree


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


def _ignored(context: Path, dockerfile: Path) -> PathSpec[Any]:
    """Docker's patterns are gitignore's, but each is anchored at the context, and the last match alone decides."""
    own = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
    path = own if own.exists() else context / ".dockerignore"
    lines = path.read_text().splitlines() if path.exists() else []
    patterns = []
    for line in (line.strip() for line in lines):
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!").strip()
            patterns.append(f"{'!' if line.startswith('!') else ''}/{normal(pattern)}")
    return PathSpec.from_lines("gitignore", patterns)
