"""An OCI image of a Dockerfile's own files, without a container runtime; the same input gives the same digest.

What it does: every stage's COPY and ADD of local files, ARG, ENV, WORKDIR, ENTRYPOINT, CMD, USER, EXPOSE and LABEL,
into one layer, a config and a manifest. COPY --from takes what an earlier stage copied.

What it does not: run RUN. So what RUN would make (packages, compiled files) is not in the image; the interpreter and
the locked dependencies are those of the virtual environment that the node agent puts first on PATH. The text of every
instruction, and what it copies, is in the image's history, so that a changed RUN gives a new digest all the same.
Base images are not fetched either: their files, environment and entrypoint are absent.
"""

import io
import json
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from localcloud.errors import CloudError
from localcloud.images.context import Tree, below, hash_of, normal, read
from localcloud.images.dockerfile import (
    Instruction,
    Stage,
    argument,
    arguments_of,
    json_list,
    pairs,
    stages,
    substitute,
    words,
)

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
EPOCH = "1970-01-01T00:00:00Z"
DEFAULT_PLATFORM = "linux/amd64"
# What the bases that people use set, for a Dockerfile that extends it.
BASE_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_BOUND_SOURCE = re.compile(r"--mount=type=bind\S*?(?:source|src)=([^,\s]+)")


@dataclass(frozen=True, kw_only=True)
class Image:
    """A built image: the bytes that a registry would hold."""

    manifest: bytes
    config: bytes
    layer: bytes
    """An uncompressed tar of the whole root file system."""

    @property
    def digest(self) -> str:
        """sha256:… of the manifest, by which the image is named."""
        return digest_of(self.manifest)


@dataclass
class _Built:
    """A stage as far as it has been worked through."""

    files: Tree = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        return dict(item.split("=", 1) for item in self.config.get("Env", []))

    @property
    def known(self) -> dict[str, str]:
        return {**self.arguments, **self.env}


def build(
    context: Path,
    dockerfile: Path,
    *,
    build_args: Mapping[str, str] | None = None,
    target: str = "",
    labels: Mapping[str, str] | None = None,
    platform: str = DEFAULT_PLATFORM,
) -> Image:
    """Build one platform's image.

    Args:
        context: the folder that COPY copies from.
        dockerfile: its path.
        build_args: values for ARG.
        target: the stage to build; the last one by default.
        labels: added to those of the Dockerfile.
        platform: os/architecture, recorded in the config.

    Raises:
        CloudError: a file is missing or an instruction cannot be followed; names the Dockerfile's line.
    """
    try:
        text = dockerfile.read_text()
    except OSError as error:
        raise CloudError(f"Dockerfile {dockerfile} cannot be read: {error}") from error
    tree = read(context, dockerfile)
    planned = stages(text, build_args or {})
    if target and target.lower() not in {stage.name for stage in planned}:
        names = ", ".join(stage.name for stage in planned)
        raise CloudError(f"{dockerfile} has no stage {target!r}; it has {names}")
    done: dict[str, _Built] = {}
    for number, stage in enumerate(planned):
        built = _build_stage(stage, done, tree, build_args or {}, dockerfile)
        done[stage.name] = done[str(number)] = built
        if stage.name == target.lower():
            break
    built.config["Labels"] = {**built.config.get("Labels", {}), **(labels or {})}
    return _assemble(built, platform)


def digest_of(content: bytes) -> str:
    """sha256:… of some bytes."""
    return f"sha256:{sha256(content).hexdigest()}"


def _build_stage(
    stage: Stage, done: Mapping[str, _Built], tree: Tree, build_args: Mapping[str, str], dockerfile: Path
) -> _Built:
    parent = done.get(stage.base.lower(), _Built(config={"Env": [BASE_PATH]}))
    built = _Built(files=dict(parent.files), config=json.loads(json.dumps(parent.config)), history=list(parent.history))
    built.history.append(f"FROM {stage.base}")
    for instruction in stage.instructions:
        try:
            _apply(instruction, built, done, tree, build_args)
        except CloudError as error:
            raise CloudError(f"{dockerfile}:{instruction.line}: {error}") from None
    return built


def _apply(
    instruction: Instruction, built: _Built, done: Mapping[str, _Built], tree: Tree, build_args: Mapping[str, str]
) -> None:
    value, config = instruction.value, built.config
    note = f"{instruction.name} {value}"
    match instruction.name:
        case "ARG":
            built.arguments |= argument(value, built.known, build_args)
            note += f" # {sorted(built.arguments.items())}"
        case "ENV":
            env = {**built.env, **pairs(value, built.known)}
            config["Env"] = [f"{name}={text}" for name, text in env.items()]
        case "LABEL":
            config["Labels"] = {**config.get("Labels", {}), **pairs(value, built.known)}
        case "WORKDIR":
            config["WorkingDir"] = "/" + _absolute(substitute(value, built.known), built)
        case "USER":
            config["User"] = substitute(value, built.known)
        case "EXPOSE":
            ports: dict[str, Any] = {
                port if "/" in port else f"{port}/tcp": {} for port in words(substitute(value, built.known))
            }
            config["ExposedPorts"] = {**config.get("ExposedPorts", {}), **ports}
        case "STOPSIGNAL":
            config["StopSignal"] = value
        case "ENTRYPOINT":
            config["Entrypoint"] = arguments_of(value)
            config.pop("Cmd", None)  # Docker's rule: a new entrypoint drops the command it inherited
        case "CMD":
            config["Cmd"] = arguments_of(value)
        case "COPY" | "ADD":
            note += f" # {_copy(value, built, done, tree)}"
        case "RUN":
            for source in _BOUND_SOURCE.findall(value):
                note += f" # {hash_of(below(tree, source))}"
    built.history.append(note)


def _copy(value: str, built: _Built, done: Mapping[str, _Built], tree: Tree) -> str:
    """Apply a COPY and return a digest of what it copied."""
    flags = re.match(r"(?:--\S+\s+)*", value)
    options = flags[0].split() if flags else []
    rest = value[len(flags[0]) if flags else 0 :]
    paths = [substitute(path, built.known) for path in (json_list(rest) or words(rest))]
    if len(paths) < 2 or rest.startswith("<<"):
        raise CloudError("expected sources and a destination (here-documents are not supported)")
    *sources, destination = paths
    origin = next((option.partition("=")[2] for option in options if option.startswith("--from=")), "")
    into_folder = destination.endswith("/") or len(sources) > 1 or normal(destination) in {"", "."}
    target = _absolute(destination, built)
    copied: Tree = {}
    for source in sources:
        # An earlier stage holds only what it copied; what RUN made there, or another image holds, is not here.
        found = _matching(done[origin.lower()].files if origin.lower() in done else {} if origin else tree, source)
        if not found and not origin:
            raise CloudError(f"nothing in the build context matches {source!r} (.dockerignore may leave it out)")
        for root, entries in found.items():
            for path, entry in entries.items():
                is_file_root = path == ""
                in_folder = into_folder or len(found) > 1 or destination == "."
                name = root.rpartition("/")[2] if is_file_root and in_folder else path
                copied["/".join(part for part in (target, name) if part)] = entry
    built.files |= copied
    if origin.lower() in done:
        return hash_of(copied) + " " + digest_of("\n".join(done[origin.lower()].history).encode())
    return hash_of(copied)


def _matching(tree: Tree, source: str) -> dict[str, Tree]:
    """The files and folders that a source names, which may hold * and ? within a part of the path."""
    if not re.search(r"[*?\[]", source):
        found = below(tree, source)
        return {normal(source): found} if found else {}
    pattern = re.compile("[^/]*".join(re.escape(part).replace(r"\?", "[^/]") for part in normal(source).split("*")))
    roots = {match[0] for path in tree if (match := re.match(rf"(?:{pattern.pattern})(?=/|$)", path))}
    return {root: below(tree, root) for root in sorted(roots)}


def _absolute(path: str, built: _Built) -> str:
    return normal(path if path.startswith("/") else f"{built.config.get('WorkingDir', '/')}/{path}")


def _assemble(built: _Built, platform: str) -> Image:
    layer = _tar(built.files)
    system, _, architecture = platform.partition("/")
    config = _json(
        {
            "architecture": architecture.partition("/")[0],
            "os": system,
            "created": EPOCH,
            "config": {key: value for key, value in built.config.items() if value},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]},
            "history": [
                {"created": EPOCH, "created_by": note, "empty_layer": number < len(built.history) - 1}
                for number, note in enumerate(built.history)
            ],
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": {"mediaType": CONFIG_TYPE, "digest": digest_of(config), "size": len(config)},
            "layers": [{"mediaType": LAYER_TYPE, "digest": digest_of(layer), "size": len(layer)}],
        }
    )
    return Image(manifest=manifest, config=config, layer=layer)


def _tar(files: Tree) -> bytes:
    """Sorted, owned by root, dated 1970: nothing of this machine is in it."""
    folders = {"/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)}
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted([*files, *folders]):
            member = tarfile.TarInfo(path)
            entry = files.get(path)
            if entry is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            elif entry.link:
                member.type, member.linkname = tarfile.SYMTYPE, entry.link
            else:
                member.size, member.mode = len(entry.content), 0o755 if entry.executable else 0o644
            archive.addfile(member, io.BytesIO(entry.content) if entry and not entry.link else None)
    return output.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
