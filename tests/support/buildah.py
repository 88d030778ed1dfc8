"""Images built and looked at with buildah, in a storage of their own: no daemon, no user namespace, no overlay."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
FOREIGN = {"user", "target", "prefix", "require-virtualenv", "find-links", "cert"}
"""Options of this machine's pip that hold for this machine only."""


@dataclass(frozen=True)
class Buildah:
    """A storage of images; `folder` is emptied by `remove`."""

    folder: Path

    def build(
        self,
        context: Path,
        *,
        tag: str,
        dockerfile: Path | None = None,
        target: str = "",
        arguments: Mapping[str, str] | None = None,
        stages: tuple[str, ...] = (),
    ) -> None:
        """Build an image; `stages` are images that stand for the Dockerfile's stages of the same name."""
        pip = self.folder / "pip.conf"
        pip.parent.mkdir(parents=True, exist_ok=True)
        pip.write_text(_pip_settings())
        volumes = {CERTIFICATES: CERTIFICATES, pip: Path("/etc/pip.conf")}
        self._run(
            "bud",
            "--isolation=chroot",
            "--layers=false",
            "--format=docker",  # the one that knows HEALTHCHECK
            f"--tag={tag}",
            *(f"--volume={source}:{place}:ro" for source, place in volumes.items() if source.exists()),
            *(f"--build-arg={name}={value}" for name, value in (arguments or {}).items()),
            *(f"--build-context={stage}=container-image://localhost/{stage}" for stage in stages),
            *([f"--target={target}"] if target else []),
            f"--file={dockerfile or context / 'Dockerfile'}",
            str(context),
        )

    def import_folder(self, root: Path, tag: str) -> None:
        """Make an image of a root file system."""
        dockerfile = self.folder / "import.Dockerfile"
        dockerfile.parent.mkdir(parents=True, exist_ok=True)
        dockerfile.write_text("FROM scratch\nCOPY . /\n")
        self.build(root, tag=tag, dockerfile=dockerfile)

    def config(self, tag: str) -> dict[str, Any]:
        """The image's Docker configuration: Env, Entrypoint, Healthcheck and so on."""
        config: dict[str, Any] = json.loads(self._run("inspect", "--type=image", tag))["Docker"]["config"]
        return config

    def root(self, tag: str) -> Path:
        """A container's root file system, made of the image."""
        container = self._run("from", "--pull-never", tag).strip()
        return Path(self._run("mount", container).strip())

    def remove(self) -> None:
        """Take everything away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *arguments: str) -> str:
        storage = ["--storage-driver=vfs", f"--root={self.folder / 'root'}", f"--runroot={self.folder / 'run'}"]
        done = subprocess.run(
            ["buildah", *storage, *arguments],
            env={**os.environ, "TMPDIR": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"buildah {arguments[0]}: {(done.stdout + done.stderr)[-3000:]}"
        return done.stdout


def _pip_settings() -> str:
    """How this machine's pip reaches its registry, from its files and its environment."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        found[key.rpartition(".")[2]] = value.strip("'\"")
    kept = [f"{name} = {value}" for name, value in found.items() if name not in FOREIGN]
    return "\n".join(["[global]", f"cert = {CERTIFICATES}", *kept, ""])
