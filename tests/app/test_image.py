"""The Dockerfile of the service."""

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
    """Return stage -> its instructions with FROM; those before the first stage are under an empty name."""
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
    """Docker builds the last stage by default."""
    names = list(stages())

    assert {"production", "standard", "development"} < set(names)
    assert names[-1] == "production"


@pytest.mark.parametrize("target", ["production", "standard"])
def test_the_image_runs_the_service_as_an_unprivileged_user(target: str) -> None:
    """By number, so Kubernetes can check that it is not root; without a shell, so the process gets signals."""
    found = dict(stages()[target])

    assert found["USER"] == "10001:10001"
    assert found["ENTRYPOINT"] == '["python", "-m", "app"]'
    assert found["CMD"] == '["serve"]'
    assert found["WORKDIR"] == "/srv"
    assert json.loads(found["HEALTHCHECK"].partition(" CMD ")[2]) == ["python", "-m", "app.healthcheck"]


@pytest.mark.parametrize("target", ["production", "standard"])
def test_the_image_trusts_the_certificate_authorities_of_rds(target: str, tmp_path: Path) -> None:
    """PGSSLROOTCERT is a file in the image, is readable by its user, and can be parsed by OpenSSL, as libpq does."""
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


def test_base_images_are_build_arguments() -> None:
    """So images of a mirror or of a test can be used. No FROM has a fixed image."""
    arguments = {value.partition("=")[0] for instruction, value in stages()[""] if instruction == "ARG"}
    bases = {steps[0][1].split()[0] for name, steps in stages().items() if name}

    assert bases == {f"${{{name}}}" for name in arguments}


def test_packages_are_installed_by_hash_in_a_layer_of_their_own() -> None:
    """So a change of the code does not change the layer of the packages."""
    steps = [f"{instruction} {value}" for instruction, value in stages()["packages"]]
    copied = [step for step in steps if step.startswith("COPY")]

    assert copied == ["COPY requirements.lock ."]
    assert "--require-hashes" in steps[-1]
    for target in ("production", "standard", "development"):
        copies = [value for instruction, value in stages()[target] if instruction == "COPY"]
        assert copies[0] == "--from=packages /packages /packages"


def pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", path.read_text(), re.MULTILINE))


def test_the_lock_has_every_dependency_in_the_tested_version() -> None:
    """The image has the versions of the lock of the repository, all with hashes."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["app"]
    names = {re.match(r"[a-z0-9-]+", requirement).group() for requirement in declared}  # type: ignore[union-attr]
    image, tested = pins(APP / "requirements.lock"), pins(ROOT / "requirements.lock")

    assert names <= image.keys()
    assert image.items() <= tested.items() | {("tzdata", image["tzdata"])}  # Windows only
    assert (APP / "requirements.lock").read_text().count("--hash=sha256:") >= len(image)
