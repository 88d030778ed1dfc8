"""Build and inspect images with buildah in a storage of its own, without a daemon, user namespaces or overlay."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from platform import machine
from tempfile import TemporaryDirectory
from typing import Any

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_ARCHITECTURES = {"aarch64": "arm64", "x86_64": "amd64"}
FOREIGN = {"user", "target", "prefix", "require-virtualenv", "find-links", "cert"}
"""Options of pip that are valid on this machine only."""


@dataclass(frozen=True)
class Buildah:
    """A storage of images with the layout of `<state>/buildah` of a local cloud; `remove` empties `folder`."""

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
        """Build an image; `stages` are images that replace stages of the Dockerfile by name."""
        pip = self.folder / "pip.conf"
        pip.parent.mkdir(parents=True, exist_ok=True)
        pip.write_text(_pip_settings())
        volumes = {CERTIFICATES: CERTIFICATES, pip: Path("/etc/pip.conf")}
        self._run(
            "bud",
            "--isolation=chroot",
            "--layers=false",
            "--format=docker",  # the format that supports HEALTHCHECK
            f"--tag={tag}",
            *(f"--volume={source}:{place}:ro" for source, place in volumes.items() if source.exists()),
            *(f"--build-arg={name}={value}" for name, value in (arguments or {}).items()),
            *(f"--build-context={stage}=container-image://localhost/{stage}" for stage in stages),
            *([f"--target={target}"] if target else []),
            f"--file={dockerfile or context / 'Dockerfile'}",
            str(context),
        )

    def import_folder(self, root: Path, tag: str) -> None:
        """Create an image from a folder with a root file system."""
        dockerfile = self.folder / "import.Dockerfile"
        dockerfile.parent.mkdir(parents=True, exist_ok=True)
        dockerfile.write_text("FROM scratch\nCOPY . /\n")
        self.build(root, tag=tag, dockerfile=dockerfile)

    def import_archive(self, archive: Path, tag: str) -> None:
        """Create an image from an archive of a root file system: an OCI image with one layer, which is pulled."""
        with TemporaryDirectory(dir=archive.parent) as folder:
            layout = Path(folder) / tag
            (layout / "blobs" / "sha256").mkdir(parents=True)
            with archive.open("rb") as file:
                layer = hashlib.file_digest(file, "sha256").hexdigest()
            (layout / "blobs" / "sha256" / layer).hardlink_to(archive)
            config = {"rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}"]}, "os": "linux"}
            manifest = {
                "schemaVersion": 2,
                "config": _blob(layout, "config.v1+json", {**config, "architecture": _ARCHITECTURES[machine()]}),
                "layers": [_descriptor("layer.v1.tar", layer, archive.stat().st_size)],
            }
            index = {"schemaVersion": 2, "manifests": [_blob(layout, "manifest.v1+json", manifest)]}
            (layout / "index.json").write_text(json.dumps(index))
            (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
            self._run("pull", f"oci:{tag}", cwd=folder)  # the path becomes the name: localhost/TAG

    def config(self, tag: str) -> dict[str, Any]:
        """Return the image's Docker configuration: Env, Entrypoint, Healthcheck and so on."""
        config: dict[str, Any] = json.loads(self._run("inspect", "--type=image", tag))["Docker"]["config"]
        return config

    def root(self, tag: str) -> Path:
        """Return the root file system of a container of the image."""
        container = self._run("from", "--pull-never", tag).strip()
        return Path(self._run("mount", container).strip())

    def remove(self) -> None:
        """Delete the storage."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *arguments: str, cwd: str | None = None) -> str:
        storage = ["--storage-driver=vfs", f"--root={self.folder / 'storage'}", f"--runroot={self.folder / 'run'}"]
        done = subprocess.run(
            ["buildah", *storage, *arguments],
            cwd=cwd,
            env={**os.environ, "TMPDIR": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"buildah {arguments[0]}: {(done.stdout + done.stderr)[-3000:]}"
        return done.stdout


def _blob(layout: Path, kind: str, document: Mapping[str, Any]) -> dict[str, Any]:
    content = json.dumps(document).encode()
    digest = hashlib.sha256(content).hexdigest()
    (layout / "blobs" / "sha256" / digest).write_bytes(content)
    return _descriptor(kind, digest, len(content))


def _descriptor(kind: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": size}


def _pip_settings() -> str:
    """Return the settings with which pip reaches its package index, from its files and the environment."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        found[key.rpartition(".")[2]] = value.strip("'\"")
    kept = [f"{name} = {value}" for name, value in found.items() if name not in FOREIGN]
    return "\n".join(["[global]", f"cert = {CERTIFICATES}", *kept, ""])
