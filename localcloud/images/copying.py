"""Copies files from one tree to another for COPY and ADD, with the same result as BuildKit.

Source: https://docs.docker.com/reference/dockerfile/#copy, and for edge cases package copy of fsutil. The content of
a folder is copied into the destination. A file is copied into the destination if that is a folder or ends with a slash,
otherwise it is copied to the destination path. A source that is a link is followed; a link inside a folder is copied as
a link.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from buildcontext.globs import compile_path_match
from localcloud.errors import CloudError
from localcloud.images.context import Entry, Tree, below, normal

_MAX_LINKS = 40
# Folders that exist in every base image, so that a file is copied into them rather than to their path.
_FOLDERS = """
bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var etc/ssl
usr/bin usr/include usr/lib usr/libexec usr/local usr/local/bin usr/local/etc usr/local/lib usr/local/sbin
usr/local/share usr/sbin usr/share usr/src var/cache var/lib var/log var/run var/spool var/tmp
"""
BASE_FOLDERS = frozenset(_FOLDERS.split())


@dataclass(frozen=True, kw_only=True)
class Target:
    """The destination of a copy, and the mode and owner of the copied files."""

    path: str
    """Absolute path; if it ends with a slash or `/.`, it is a folder."""
    mode: int | None = None
    """Mode of all copied files and of folders created for them; None keeps the mode of each file."""
    uid: int = 0
    gid: int = 0
    folders: frozenset[str] = field(default=frozenset())
    """Paths that are known to be folders although they are not in the tree."""


def find(tree: Mapping[str, Entry], source: str) -> list[tuple[str, Tree]]:
    """Return the matches of a source as pairs of the last path component and the tree at that path.

    A source is a path, or a pattern with `*`, `?` and `[...]`, which do not match slashes.

    Raises:
        CloudError: the pattern is invalid, or there is a cycle of links.
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
            raise CloudError(f"{source!r} matches {root}, a link whose target does not exist")
    return result


def copy(files: Tree, found: list[tuple[str, Tree]], target: Target) -> Tree:
    """Copy the found trees into `files`, and return the copied entries.

    Raises:
        CloudError: a file would replace a folder or vice versa, or a parent of the destination is a link.
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
    """Merge a layer into a tree; entries with the same path are replaced regardless of their type."""
    for path, entry in layer.items():
        if not entry.folder:
            for name in [name for name in files if name.startswith(f"{path}/")]:
                del files[name]
        files[path] = entry


def make_folder(files: Tree, target: Target) -> None:
    """Create a folder and its missing parents."""
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
            raise CloudError(f"/{folder} is a file, but the destination requires a folder")


def _followed(tree: Mapping[str, Entry], path: str) -> str:
    """Return the path with all links resolved; the result is always within the root."""
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
