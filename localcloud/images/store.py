"""The store of unpacked images: `<state>/images/sha256-<hex>/` with config.json and rootfs/."""

import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from localcloud.errors import CloudError
from localcloud.images.build import Image
from localcloud.images.python import install, python_in

_CONTAINER = "container"
_ENVIRONMENT = "environment"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def digest_in(reference: str) -> str | None:
    """Return the digest in an image reference such as `repository:tag@sha256:…`, or None if there is none."""
    found = _DIGEST.search(reference)
    return found[0] if found else None


class ImageStore:
    """Reads and writes the images of a state folder; several processes can use it concurrently."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "images"
        self._environments = state / "environments"
        self._pods = state / "pods"

    def has(self, digest: str) -> bool:
        """Return whether the image is in the store and complete."""
        return self._image(digest).is_dir()

    def config(self, digest: str) -> dict[str, Any]:
        """Return the runtime configuration of the image, with Entrypoint, Cmd, Env, WorkingDir etc. if set."""
        document = json.loads((self._image(digest) / "config.json").read_text())
        config: dict[str, Any] = document.get("config", {})
        return config

    def rootfs(self, digest: str) -> Path:
        """Return the folder with the root file system of the image."""
        return self._image(digest) / "rootfs"

    def is_container(self, digest: str) -> bool:
        """Return whether the image contains all programs that it runs, so that it is run in a container."""
        return (self._image(digest) / _CONTAINER).exists()

    def python(self, digest: str) -> Path | None:
        """Return the interpreter of the image's own Python environment, or None if it has none."""
        path = self._image(digest) / _ENVIRONMENT
        return python_in(self._environments / path.read_text()) if path.exists() else None

    def put(self, image: Image) -> None:
        """Unpack an image and install its Python lock file; do nothing if the image is already in the store.

        Raises:
            CloudError: the folder cannot be written, or the lock file cannot be installed.
        """
        if self.has(image.digest):
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".unpacking-") as draft:
                target = Path(draft) / "image"
                (target / "rootfs").mkdir(parents=True)
                with tarfile.open(fileobj=io.BytesIO(image.layer)) as layer:
                    members = [member for member in layer.getmembers() if not (member.ischr() or member.isblk())]
                    for member in members:  # unpacked files belong to this user, whoever owns them in the image
                        member.uid, member.gid = os.getuid(), os.getgid()
                        member.uname = member.gname = ""
                    layer.extractall(target / "rootfs", members)  # noqa: S202 - our own; Python 3.11.2 knows no filter
                (target / "config.json").write_bytes(image.config)
                if image.is_container:
                    (target / _CONTAINER).touch()
                if image.lock:
                    (target / _ENVIRONMENT).write_text(install(image.lock, self._environments).name)
                try:
                    target.rename(self._image(image.digest))
                except OSError:
                    if not self.has(image.digest):  # otherwise another process has unpacked it in the meantime
                        raise
        except OSError as error:
            raise CloudError(f"image {image.digest} cannot be unpacked below {self._folder}: {error}") from error

    def remove(self, digest: str) -> None:
        """Remove an image, unless it is used by an existing pod."""
        if not any(digest in path.read_text() for path in self._pods.glob("*/images")):
            shutil.rmtree(self._image(digest), ignore_errors=True)

    def _image(self, digest: str) -> Path:
        # Use no colon, because it separates the entries of PATH and PYTHONPATH, which may contain this folder.
        return self._folder / digest.replace(":", "-")
