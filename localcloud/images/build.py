"""Builds an OCI image of a Dockerfile without a container runtime; the same input results in the same digest.

Supported: every instruction of the Dockerfile reference except RUN and ONBUILD, with the result of BuildKit, as one
layer, a config and a manifest. For unsupported features, an error names the line. COPY --from copies files that an
earlier stage has copied.

Not supported: RUN is not executed, so its results (packages, compiled files) are not in the image. The interpreter and
the locked dependencies are those of a virtual environment that the node agent puts first on PATH
(`localcloud.images.python`). The history of the image contains the text of every instruction and a digest of the files
that it copies, so a change of a RUN instruction changes the digest too. Base images are not downloaded: their files,
environment and entrypoint are missing.
"""

import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from buildcontext.errors import ContextError
from buildcontext.files import read_dockerfile
from localcloud.errors import CloudError
from localcloud.images.context import Tree, read
from localcloud.images.dockerfile import Dockerfile
from localcloud.images.dockerfile import read_dockerfile as parse
from localcloud.images.python import PythonLock, lock_of
from localcloud.images.stage import apply
from localcloud.images.state import Built, Surroundings

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
EPOCH = "1970-01-01T00:00:00Z"
DEFAULT_PLATFORM = "linux/amd64"


@dataclass(frozen=True, kw_only=True)
class Image:
    """A built image, as the bytes that are stored in a registry."""

    manifest: bytes
    config: bytes
    layer: bytes
    """A tar archive of the complete root file system; uncompressed if built by this module."""
    is_container: bool = False
    """Whether the image contains all programs that it runs, so that it is run in a container."""
    lock: PythonLock | None = None
    """The lock file of the Python environment in which the image runs; None to use Drydock's, or for a container."""

    @property
    def digest(self) -> str:
        """The digest of the manifest (sha256:…), which identifies the image."""
        return digest_of(self.manifest)


def build(
    context: Path,
    dockerfile: Path,
    *,
    build_args: Mapping[str, str] | None = None,
    target: str = "",
    labels: Mapping[str, str] | None = None,
    platform: str = DEFAULT_PLATFORM,
) -> Image:
    """Build the image of one platform.

    Args:
        context: the build context, the folder from which COPY copies.
        dockerfile: path of the Dockerfile.
        build_args: values for ARG.
        target: the stage to build; the last one by default.
        labels: labels in addition to those of the Dockerfile.
        platform: os/architecture, recorded in the config.

    Raises:
        CloudError: a file is missing or an instruction is not supported; the message names the line of the Dockerfile.
    """
    try:
        text = read_dockerfile(dockerfile).decode()
        plan = parse(text, build_args or {}, platform, target.lower())
    except ContextError as error:
        raise CloudError(str(error)) from error
    except UnicodeDecodeError:
        raise CloudError(f"Dockerfile {dockerfile} is not UTF-8; save it as UTF-8") from None
    except CloudError as error:
        raise CloudError(f"{dockerfile}:{error}") from None
    number = _number_of(target, plan, dockerfile) if target else len(plan.stages) - 1
    built = _Builder(plan, read(context, dockerfile), build_args or {}, dockerfile).stage(number).child()
    built.config["Labels"] = {**built.config.get("Labels", {}), **(labels or {})}
    lock = lock_of(context)
    if lock:  # include the lock even if no instruction copies it
        built.history.append(f"# {lock.path.name} {sha256(lock.content).hexdigest()}")
    return replace(_assemble(built, platform), lock=lock)


def digest_of(content: bytes) -> str:
    """Return the digest of some bytes in the form sha256:…"""
    return f"sha256:{sha256(content).hexdigest()}"


def _number_of(target: str, plan: Dockerfile, dockerfile: Path) -> int:
    names = [stage.name or str(number) for number, stage in enumerate(plan.stages)]
    if target.lower() in names:
        return len(names) - 1 - names[::-1].index(target.lower())
    if target.isascii() and target.isdigit() and int(target) < len(names):
        return int(target)
    raise CloudError(f"{dockerfile} has no stage {target!r}; it has {', '.join(names)}")


class _Builder:
    """Builds the stages that are needed, each of them once."""

    def __init__(self, plan: Dockerfile, context: Tree, build_args: Mapping[str, str], dockerfile: Path) -> None:
        self._plan = plan
        self._context = context
        self._build_args = build_args
        self._dockerfile = dockerfile
        self._done: dict[int, Built] = {}

    def stage(self, number: int) -> Built:
        if number not in self._done:
            self._done[number] = self._build(number)
        return self._done[number]

    def _build(self, number: int) -> Built:
        stage = self._plan.stages[number]
        earlier = self._number(stage.base, number)
        built = (Built(scratch=stage.base == "scratch") if earlier is None else self.stage(earlier)).child()
        built.history.append(f"FROM {stage.base}")

        def named(name: str) -> Built | None:
            if name.isascii() and name.isdigit():
                return self.stage(int(name)) if int(name) < number else None
            found = self._number(name, number)
            return None if found is None else self.stage(found)

        around = Surroundings(
            context=self._context,
            stage=named,
            arguments=self._plan.arguments,
            build_args=self._build_args,
            escape=self._plan.escape,
        )
        for instruction in stage.instructions:
            try:
                apply(instruction, built, around)
            except CloudError as error:
                where = (
                    "" if str(error).startswith(f"{self._dockerfile}:") else f"{self._dockerfile}:{instruction.line}: "
                )
                raise CloudError(f"{where}{error}") from None
        return built

    def _number(self, name: str, before: int) -> int | None:
        """Return the number of the last stage with a name that comes before another stage."""
        numbers = [number for number in range(before) if self._plan.stages[number].name == name.lower()]
        return numbers[-1] if numbers else None


def _assemble(built: Built, platform: str) -> Image:
    layer = _tar(built.files)
    system, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    config = _json(
        {
            "architecture": architecture,
            "os": system,
            "created": EPOCH,
            **({"variant": variant} if variant else {}),
            **({"author": built.author} if built.author else {}),
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
    """Return a reproducible tar archive: sorted, with dates of 1970 and no information about this machine."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, entry in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.uid, member.gid, member.mode = entry.uid, entry.gid, entry.mode
            if entry.folder:
                member.type = tarfile.DIRTYPE
            elif entry.link:
                member.type, member.linkname, member.mode = tarfile.SYMTYPE, entry.link, 0o777
            else:
                member.size = len(entry.content)
            archive.addfile(member, io.BytesIO(entry.content) if member.isreg() else None)
    return output.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
