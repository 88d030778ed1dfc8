"""What the image is built from."""

import re
import tomllib
from pathlib import Path

from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"


def instructions() -> list[tuple[str, str]]:
    return [(i["instruction"], i["value"]) for i in DockerfileParser(str(APP / "Dockerfile")).structure]


def test_the_image_runs_the_service_as_an_unprivileged_user() -> None:
    """By number, so that Kubernetes can see that it is not root."""
    found = dict(instructions())

    assert found["USER"] == "10001:10001"
    assert found["ENTRYPOINT"] == '["python", "-m", "app"]'
    assert found["CMD"] == '["serve"]'
    assert found["WORKDIR"] == "/srv"


def test_packages_are_installed_by_hash_before_the_code_is_copied() -> None:
    """A change of the code leaves the layer with the packages as it is."""
    steps = [f"{instruction} {value}" for instruction, value in instructions()]
    install = next(n for n, step in enumerate(steps) if "--require-hashes" in step)
    copy = steps.index("COPY . /srv/app")

    assert install < copy


def pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", path.read_text(), re.MULTILINE))


def test_the_lock_has_every_dependency_of_the_service_as_the_tests_use_it() -> None:
    """The image runs the very versions that were tested."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["app"]
    names = {re.match(r"[a-z0-9-]+", requirement).group() for requirement in declared}  # type: ignore[union-attr]
    image, tested = pins(APP / "requirements.lock"), pins(ROOT / "requirements.lock")

    assert names <= image.keys()
    assert image.items() <= tested.items() | {("tzdata", image["tzdata"])}  # Windows only
    assert (APP / "requirements.lock").read_text().count("--hash=sha256:") >= len(image)
