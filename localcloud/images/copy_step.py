"""Executes the instructions COPY and ADD, and rejects the parts of them that are not supported."""

import io
import re
import tarfile
from collections.abc import Mapping
from hashlib import sha256

from localcloud.errors import CloudError
from localcloud.images import runtime
from localcloud.images.context import Tree, hash_of, normal
from localcloud.images.copying import BASE_FOLDERS, Target, copy, find, merge
from localcloud.images.expansion import expand
from localcloud.images.state import Built, Surroundings, absolute
from localcloud.images.syntax import Instruction, blank_separated, json_list

_REMOTE = re.compile(r"(https?|git|ssh)://|git@|github\.com/")
_ZSTD = b"\x28\xb5\x2f\xfd"
_REFUSED_FLAGS = {
    "exclude": "name the files in .dockerignore, or copy the folders one by one",
    "parents": "copy each folder to its own destination",
    "checksum": "keep the file in the build context",
    "keep-git-dir": "keep the files in the build context",
    "unpack": "keep the unpacked files in the build context",
}


def copy_step(instruction: Instruction, flags: Mapping[str, str], built: Built, around: Surroundings) -> str:
    """Execute a COPY or ADD of files, and return a digest of the copied files."""
    for name, way_out in _REFUSED_FLAGS.items():
        if flags.get(name, "false") != "false":
            raise CloudError(f"{instruction.name} --{name} is not supported by the local cloud; {way_out}")
    if instruction.heredocs:
        raise CloudError(
            f"{instruction.name} of a here-document is not supported by the local cloud; keep it in a file"
        )
    listed = json_list(instruction.value)
    written = blank_separated(instruction.value) if listed is None else listed
    paths = [expand(path, built.known, around.escape) for path in written]
    *sources, destination = paths
    for source in sources:
        if _REMOTE.match(source) or source.endswith(".git"):
            raise CloudError(f"the remote source {source} is not supported by the local cloud; keep it in the context")
    origin = flags.get("from", "")
    found = [one for source in sources for one in _found(source, origin, around)]
    if instruction.name == "ADD":
        _refuse_archives(found)
    folder = destination.endswith(("/", "/.")) or destination in {"", "."}
    if not folder and (len(sources) > 1 or len(found) > 1):
        raise CloudError(f"there are several sources, so the destination must end with a slash: {destination}/")
    layer = _target(absolute(destination, built), flags, built, around)
    _refuse_unknown_folder(layer, found, built)
    if flags.get("link", "false") == "true" and layer.mode is None:
        copied = copy({}, found, Target(path=layer.path, uid=layer.uid, gid=layer.gid))
        merge(built.files, copied)
    else:
        copied = copy(built.files, found, layer)
    stage = around.stage(origin) if origin else None
    return hash_of(copied) + (f" {sha256(chr(10).join(stage.history).encode()).hexdigest()}" if stage else "")


def _target(path: str, flags: Mapping[str, str], built: Built, around: Surroundings) -> Target:
    chown = expand(flags.get("chown", ""), built.known, around.escape)
    chmod = expand(flags.get("chmod", ""), built.known, around.escape)
    uid, gid = runtime.owner(chown, "--chown") if chown else (0, 0)
    mode = runtime.mode(chmod) if chmod else None
    return Target(path=path, mode=mode, uid=uid, gid=gid, folders=frozenset() if built.scratch else BASE_FOLDERS)


def _found(source: str, origin: str, around: Surroundings) -> list[tuple[str, Tree]]:
    if not origin:
        found = find(around.context, source)
        if not found:
            raise CloudError(f"nothing in the build context matches {source!r} (.dockerignore may exclude it)")
        return found
    stage = around.stage(origin)
    if stage is None:
        raise CloudError(
            f"--from={origin} is not an earlier stage, and images are not fetched by the local cloud; copy from a stage"
        )
    found = find(stage.files, source)
    if not found and not stage.runs:  # a RUN, which is not executed, might have created the file
        base = "" if stage.scratch else "; the files of its base image are not fetched by the local cloud"
        raise CloudError(f"nothing in the stage {origin} matches {source!r}{base}")
    return found


def _refuse_archives(found: list[tuple[str, Tree]]) -> None:
    for name, tree in found:
        content = tree[""].content
        if content and (content.startswith(_ZSTD) or tarfile.is_tarfile(io.BytesIO(content))):
            raise CloudError(
                f"ADD of the archive {name} is not supported by the local cloud, since ADD unpacks it; "
                "use COPY, or keep the unpacked files in the context"
            )


def _refuse_unknown_folder(target: Target, found: list[tuple[str, Tree]], built: Built) -> None:
    """Raise an error if a RUN, which is not executed, would create the destination as a folder."""
    path = target.path
    if path.endswith("/") or normal(path) in built.files or all(tree[""].folder for _, tree in found):
        return
    makes = re.compile(rf"\bmkdir\b[^&;|\n]*\s{re.escape(path)}/?(\s|\Z)")
    if any(makes.search(run) for run in built.runs):
        raise CloudError(
            f"a RUN, which the local cloud does not execute, makes the folder {path}; end the destination with a slash"
        )
