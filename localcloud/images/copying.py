"""COPY and ADD of files from one tree to another, with the result that BuildKit has.

Source: https://docs.docker.com/reference/dockerfile/#copy, and for the corners fsutil's package copy: a folder's
content goes into the destination; a file goes into a destination that is a folder or ends with a slash, else it is the
destination; a source that is a link is followed, a link inside a folder stays a link.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from buildcontext.globs import compile_path_match
from localcloud.errors import CloudError
from localcloud.images.context import Entry, Tree, below, normal

_MAX_LINKS = 40
# Folders that every base image has: a file that is copied to one of them goes into it.
_FOLDERS = """
bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var etc/ssl
usr/bin usr/include usr/lib usr/libexec usr/local usr/local/bin usr/local/etc usr/local/lib usr/local/sbin
usr/local/share usr/sbin usr/share usr/src var/cache var/lib var/log var/run var/spool var/tmp
"""
BASE_FOLDERS = frozenset(_FOLDERS.split())


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where to, and as what."""

    path: str
    """Absolute; a slash or `/.` at its end makes it a folder."""
    mode: int | None = None
    """For all that is copied, and for the folders made for it; None keeps each file's own."""
    uid: int = 0
    gid: int = 0
    folders: frozenset[str] = field(default=frozenset())
    """What is known to be a folder although the tree does not have it."""


def find(tree: Mapping[str, Entry], source: str) -> list[tuple[str, Tree]]:
    """Return what a source names, by its last part: a path, or a pattern with * ? and [...], each within one folder.

    Raises:
        CloudError: the pattern is invalid, or the links go in a circle.
    """
    if not re.search(r"(?<!\\)[*?\[]", source):
        found = below(tree, _followed(tree, normal(source)))
        return [(normal(source).rpartition("/")[2], found)] if "" in found else []
    try:
        matches = compile_path_match(normal(source))
    except ValueError as error:
        raise CloudError(f"pattern {source!r}: {error}") from None
    roots: list[str] = []
    for path in sorted(tree, key=lambda path: path.split("/")):
        if matches(path) and not (roots and path.startswith(f"{roots[-1]}/")):
            roots.append(path)
    result = [(root.rpartition("/")[2], below(tree, _followed(tree, root))) for root in roots]
    for root, (_, entries) in zip(roots, result, strict=True):
        if "" not in entries:
            raise CloudError(f"{source!r} matches {root}, a link that points to nothing that is here")
    return result


def copy(files: Tree, found: list[tuple[str, Tree]], target: Target) -> Tree:
    """Put what was found into `files`, and give what was put there.

    Raises:
        CloudError: a file would replace a folder, or a folder a file; or the destination leads through a link.
    """
    done: Tree = {}
    path = normal(target.path)
    into = target.path.endswith(("/", "/."))
    _make_folders(files, path if into else path.rpartition("/")[0], target, done)
    for name, tree in found:
        is_folder = not path or path in target.folders or (path in files and files[path].folder)
        if tree[""].folder:
            _make_folders(files, path, target, done)
            for relative, entry in sorted(tree.items()):
                if relative:
                    _put(files, f"{path}/{relative}".lstrip("/"), entry, target, done)
        else:
            _put(files, f"{path}/{name}".lstrip("/") if is_folder else path, tree[""], target, done)
    return done


def merge(files: Tree, layer: Tree) -> None:
    """Lay a tree over another, as layers are: what has the same path is replaced, whatever it was."""
    for path, entry in layer.items():
        if not entry.folder:
            for name in [name for name in files if name.startswith(f"{path}/")]:
                del files[name]
        files[path] = entry


def make_folder(files: Tree, target: Target) -> None:
    """Create a folder and those above it, as far as they are missing."""
    _make_folders(files, normal(target.path), target, {})


def _put(files: Tree, path: str, entry: Entry, target: Target, done: Tree) -> None:
    old = files.get(path)
    if entry.folder and old and not old.folder:
        raise CloudError(f"a folder cannot replace the file /{path}; choose another destination")
    if not entry.folder and (path in target.folders or (old and old.folder)):
        raise CloudError(f"a file cannot replace the folder /{path}; choose another destination")
    mode = entry.mode if target.mode is None or entry.link else target.mode
    files[path] = done[path] = replace(entry, mode=mode, uid=target.uid, gid=target.gid)


def _make_folders(files: Tree, path: str, target: Target, done: Tree) -> None:
    parts = path.split("/") if path else []
    for depth in range(1, len(parts) + 1):
        folder = "/".join(parts[:depth])
        old = files.get(folder)
        if old is None:
            mode = 0o755 if target.mode is None else target.mode
            files[folder] = done[folder] = Entry(folder=True, mode=mode, uid=target.uid, gid=target.gid)
        elif old.link:
            raise CloudError(f"the destination leads through the link /{folder}; name the folder that it points to")
        elif not old.folder:
            raise CloudError(f"/{folder} is a file, and the destination needs it to be a folder")


def _followed(tree: Mapping[str, Entry], path: str) -> str:
    """Return the path with all links replaced by where they point; they cannot leave the root."""
    for _ in range(_MAX_LINKS):
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            head = "/".join(parts[:depth])
            if head in tree and tree[head].link:
                link = tree[head].link
                base = "" if link.startswith("/") else "/".join(parts[: depth - 1])
                path = normal("/".join([base, link, *parts[depth:]]))
                break
        else:
            return path
    raise CloudError(f"/{path}: too many links, or links in a circle")
