"""What the image is built from."""

import json
import re
import ssl
import stat
import tomllib
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

from buildcontext.files import read_files

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"


def stages() -> dict[str, list[tuple[str, str]]]:
    """Stage -> its instructions in order, FROM included; "" holds what comes before the first."""
    found: dict[str, list[tuple[str, str]]] = {"": []}
    name = ""
    for part in DockerfileParser(str(APP / "Dockerfile")).structure:
        if part["instruction"] == "FROM":
            name = part["value"].split(" AS ")[1]
            found[name] = []
        if part["instruction"] != "COMMENT":
            found[name].append((part["instruction"], part["value"]))
    return found


def test_there_are_three_images_and_production_is_the_default() -> None:
    """Docker builds the last stage where none is named."""
    names = list(stages())

    assert {"production", "standard", "development"} < set(names)
    assert names[-1] == "production"


@pytest.mark.parametrize("target", ["production", "standard"])
def test_the_image_runs_the_service_as_an_unprivileged_user(target: str) -> None:
    """By number, so that Kubernetes can see that it is not root; without a shell, so that signals arrive."""
    found = dict(stages()[target])

    assert found["USER"] == "10001:10001"
    assert found["ENTRYPOINT"] == '["python", "-m", "app"]'
    assert found["CMD"] == '["serve"]'
    assert found["WORKDIR"] == "/srv"
    assert json.loads(found["HEALTHCHECK"].partition(" CMD ")[2]) == ["python", "-m", "app.healthcheck"]


@pytest.mark.parametrize("target", ["production", "standard"])
def test_the_image_trusts_the_certificate_authorities_of_rds(target: str, tmp_path: Path) -> None:
    """PGSSLROOTCERT is a file of the image that its user can read and OpenSSL, which libpq uses, can parse."""
    steps = stages()[target]
    (file,) = [entry for entry in read_files(APP, APP / "Dockerfile") if entry.path == "rds-ca.pem"]
    copy = tmp_path / "rds-ca.pem"
    copy.write_bytes(file.content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(copy)
    names = [dict(part[0] for part in each["subject"])["commonName"] for each in context.get_ca_certs()]

    assert "PGSSLROOTCERT=/srv/app/rds-ca.pem" in dict(steps)["ENV"].split()
    assert ("COPY", "--from=code /srv /srv") in steps
    assert ("COPY", ". /srv/app") in stages()["code"]
    assert file.mode & stat.S_IROTH
    assert len(names) == file.content.count(b"BEGIN CERTIFICATE") == 81
    assert [name for name in names if not name.startswith("Amazon RDS ")] == []


def test_bases_can_be_given() -> None:
    """A mirror's own, or those of a test: no FROM names an image itself."""
    arguments = {value.partition("=")[0] for instruction, value in stages()[""] if instruction == "ARG"}
    bases = {steps[0][1].split()[0] for name, steps in stages().items() if name}

    assert bases == {f"${{{name}}}" for name in arguments}


def test_packages_are_installed_by_hash_apart_from_the_code() -> None:
    """A change of the code leaves the layer with the packages as it is."""
    steps = [f"{instruction} {value}" for instruction, value in stages()["packages"]]
    copied = [step for step in steps if step.startswith("COPY")]

    assert copied == ["COPY requirements.lock ."]
    assert "--require-hashes" in steps[-1]
    for target in ("production", "standard", "development"):
        copies = [value for instruction, value in stages()[target] if instruction == "COPY"]
        assert copies[0] == "--from=packages /packages /packages"


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
