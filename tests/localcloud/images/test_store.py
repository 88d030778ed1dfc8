"""Images unpacked on this machine."""

from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.images.build import Image, build
from localcloud.images.store import ImageStore, digest_in


@pytest.fixture
def image(tmp_path: Path) -> Image:
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o700)
    (tmp_path / "Dockerfile").write_text('FROM scratch\nWORKDIR /srv\nCOPY run.sh .\nCMD ["/srv/run.sh"]\n')
    return build(tmp_path, tmp_path / "Dockerfile")


def test_unpacks_an_image(tmp_path: Path, image: Image) -> None:
    """Its files are below rootfs with their modes, and its configuration can be read."""
    store = ImageStore(tmp_path / "state")
    assert not store.has(image.digest)

    store.put(image)
    store.put(image)

    assert store.has(image.digest)
    assert (store.rootfs(image.digest) / "srv" / "run.sh").stat().st_mode & 0o111
    assert store.config(image.digest)["Cmd"] == ["/srv/run.sh"]
    assert [path.name for path in (tmp_path / "state" / "images").iterdir()] == [image.digest.replace(":", "-")]


def test_keeps_an_image_that_a_pod_uses(tmp_path: Path, image: Image) -> None:
    """A running process continues to read its files."""
    store = ImageStore(tmp_path)
    store.put(image)
    used = tmp_path / "pods" / "uid" / "images"
    used.parent.mkdir(parents=True)
    used.write_text(image.digest)

    store.remove(image.digest)
    assert store.has(image.digest)

    used.unlink()
    store.remove(image.digest)
    assert not store.has(image.digest)


def test_rejects_a_folder_that_cannot_be_written(tmp_path: Path, image: Image) -> None:
    """The message has the folder."""
    (tmp_path / "images").write_text("a file where the folder should be")

    with pytest.raises(CloudError, match=f"below {tmp_path}/images"):
        ImageStore(tmp_path).put(image)


def test_finds_the_digest_in_a_reference() -> None:
    """The reference may have a tag in addition."""
    digest = "sha256:" + "a" * 64

    assert digest_in(f"repository:tag@{digest}") == digest
    assert digest_in("repository:tag") is None
