"""Images that contain their own programs: built with buildah, which executes RUN, and run with bubblewrap.

`localcloud.images.build` needs neither of them. It builds two kinds of images: Python projects with a lock file, which
run with the interpreter of this machine, and `FROM scratch` images with the command `python`. See
docs/adr/0018-containers-on-the-local-machine.md.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from buildcontext.errors import ContextError
from buildcontext.files import read_dockerfile
from localcloud.errors import CloudError
from localcloud.images.build import Image
from localcloud.images.context import hash_of, read
from localcloud.images.dockerfile import Dockerfile, Stage
from localcloud.images.dockerfile import read_dockerfile as parse
from localcloud.images.python import LOCK_FILES, is_python_project
from localcloud.images.runtime import command

PULL_FAILED = "initializing source docker://"
"""Part of buildah's message if it cannot read an image of a registry."""
NOT_BUILT = "context:"
"""Prefix of the result of `content_of`."""


def needs_container(
    context: Path, dockerfile: Path, *, build_args: Mapping[str, str], target: str, platform: str
) -> bool:
    """Return whether an image contains its own programs and so must run in a container.

    Raises:
        CloudError: the Dockerfile cannot be read or parsed; the message names the line.
    """
    if is_python_project(context):
        return False
    try:
        plan = parse(read_dockerfile(dockerfile).decode(), build_args, platform, target.lower())
    except ContextError as error:
        raise CloudError(str(error)) from error
    except UnicodeDecodeError:
        return False  # the builder reports this error
    except CloudError as error:
        raise CloudError(f"{dockerfile}:{error}") from None
    stages = _lineage(plan, target.lower())
    if not stages or stages[-1].base != "scratch":
        return True
    program = _program(stages)
    return bool(program) and not Path(program).name.startswith("python")


def content_of(context: Path, dockerfile: Path, settings: Sequence[object]) -> str:
    """Return an identifier of an image that is not built yet: `context:` and a digest of its files and settings.

    Raises:
        CloudError: a file cannot be read.
    """
    total = sha256(hash_of(read(context, dockerfile)).encode())
    try:
        total.update(read_dockerfile(dockerfile))
    except ContextError as error:
        raise CloudError(str(error)) from error
    total.update(json.dumps(settings, sort_keys=True, default=str).encode())
    return f"{NOT_BUILT}{total.hexdigest()}"


def build_container(
    context: Path,
    dockerfile: Path,
    *,
    build_args: Mapping[str, str],
    target: str,
    labels: Mapping[str, str],
    platform: str,
    folder: Path,
) -> Image:
    """Build the image of one platform with buildah: without a daemon, in one layer, with file dates of 1970.

    Args:
        context: the build context, the folder from which COPY copies.
        dockerfile: path of the Dockerfile.
        build_args: values for ARG.
        target: the stage to build; the last one by default.
        labels: labels in addition to those of the Dockerfile.
        platform: os/architecture.
        folder: folder in which buildah stores base images; created if it does not exist.

    Raises:
        CloudError: a program is missing, or the build failed; the message ends with the last output of buildah.
    """
    buildah = _tool("buildah", "build", dockerfile)
    _tool("bwrap", "run", dockerfile)  # check this before the build, which can take minutes
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder, prefix="build-") as draft:
        layout = Path(draft) / "image"
        arguments = [
            *(f"--build-arg={name}={value}" for name, value in build_args.items()),
            *(f"--label={name}={value}" for name, value in sorted(labels.items())),
            *([f"--target={target}"] if target else []),
        ]
        done = subprocess.run(
            [
                buildah,
                "--storage-driver=vfs",
                f"--root={folder / 'storage'}",
                f"--runroot={folder / 'run'}",
                "bud",
                "--isolation=chroot",
                "--format=oci",
                "--squash",
                "--timestamp=0",
                f"--platform={platform}",
                *arguments,
                f"--tag=oci:{layout}:image",
                f"--file={dockerfile}",
                str(context),
            ],
            env={**os.environ, "TMPDIR": draft},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            printed = done.stdout.decode(errors="replace")[-2000:].strip()
            raise CloudError(f"{dockerfile}: buildah exited with {done.returncode}: {printed}{_remedy(printed)}")
        return _read(layout)


def _read(layout: Path) -> Image:
    """Read the only image of an OCI layout: https://github.com/opencontainers/image-spec/blob/main/image-layout.md."""

    def blob(descriptor: Mapping[str, str]) -> bytes:
        return (layout / "blobs" / Path(*descriptor["digest"].split(":"))).read_bytes()

    manifest = blob(json.loads((layout / "index.json").read_text())["manifests"][0])
    document = json.loads(manifest)
    (layer,) = document["layers"]
    return Image(manifest=manifest, config=blob(document["config"]), layer=blob(layer), is_container=True)


def _remedy(printed: str) -> str:
    """Return what to do if buildah could not pull a base image; empty after another failure."""
    if PULL_FAILED not in printed:
        return ""
    return (
        "\na base image cannot be pulled: check its name and the access to its registry, import it from an archive "
        "(docs/your-own-service.md, On this machine), or give the context a Python lock file, which may be empty, if "
        f"it is a Python project ({' or '.join(LOCK_FILES)})"
    )


def _tool(name: str, purpose: str, dockerfile: Path) -> str:
    found = shutil.which(name)
    if not found:
        package = {"bwrap": "bubblewrap"}.get(name, name)
        raise CloudError(
            f"{dockerfile} needs {name} to {purpose} its image on this machine, and {name} is not on PATH; install it "
            f"(on Debian: apt-get install buildah bubblewrap; here {package} is missing), or give the context a Python "
            f"lock file ({' or '.join(LOCK_FILES)}) if it is a Python project"
        )
    return found


def _lineage(plan: Dockerfile, target: str) -> list[Stage]:
    """Return the stage to build, followed by the stages that it is based on; empty if the target does not exist."""
    names = {stage.name: number for number, stage in enumerate(plan.stages) if stage.name}
    number = len(plan.stages) - 1
    if target:
        number = names.get(target, int(target) if target.isascii() and target.isdigit() else -1)
    result: list[Stage] = []
    while 0 <= number < len(plan.stages):
        result.append(plan.stages[number])
        earlier = [i for i in range(number) if plan.stages[i].name == plan.stages[number].base.lower()]
        number = earlier[-1] if earlier else -1
    return result


def _program(stages: Sequence[Stage]) -> str:
    """Return the first word of ENTRYPOINT, else of CMD; empty if there is neither."""
    for name in ("ENTRYPOINT", "CMD"):
        for stage in stages:
            for instruction in reversed(stage.instructions):
                if instruction.name == name and (argv := command(instruction.value, [])):
                    return (argv[0].split() or [""])[0]
    return ""
