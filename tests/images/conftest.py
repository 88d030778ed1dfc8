"""The three images, built once from the Dockerfile on base images from Debian packages."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.migrations.migrate import migrate
from app.settings import Settings
from tests.images.bases import debian, distroless, required_mirror
from tests.support.buildah import Buildah
from tests.support.postgres import running

APP = Path(__file__).parents[2] / "app"
TARGETS = ("production", "standard", "development")
TOOLS = ("buildah", "mmdebstrap", "unshare")


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buildah]:
    """A storage with the images, tagged by their targets."""
    packages = required_mirror(*TOOLS)
    folder = tmp_path_factory.mktemp("images")
    buildah = Buildah(folder / "storage")
    try:
        base = debian(packages, folder)
        buildah.import_folder(base, "debian")
        buildah.import_folder(distroless(base), "distroless")
        shutil.rmtree(base)
        arguments = {
            "BUILD_IMAGE": "localhost/debian",
            "SLIM_IMAGE": "localhost/debian",
            "DISTROLESS_IMAGE": "localhost/distroless",
        }
        stages = ("packages", "code")  # once for all targets

        def build(name: str) -> None:
            uses = () if name in stages else stages
            buildah.build(APP, tag=name, target=name, arguments=arguments, stages=uses)

        with ThreadPoolExecutor(2) as pool:  # concurrently, because half of the time is spent on network and disk
            list(pool.map(build, stages))
            list(pool.map(build, TARGETS))
        yield buildah
    finally:
        buildah.remove()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def roots(images: Buildah) -> dict[str, Path]:
    """Target -> root file system of a container of its image."""
    return {target: images.root(target) for target in TARGETS}


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real, migrated database."""
    with running(tmp_path_factory.mktemp("postgres")) as server:
        migrate(Settings(database_url=server.url()))
        yield server.url()
