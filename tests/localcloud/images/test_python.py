"""A Python project has its own environment, with the packages of its lock file and none of Drydock's."""

import subprocess
import sys
from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.images.build import build
from localcloud.images.python import BUNDLED, PythonLock, install, lock_of, python_in
from localcloud.images.store import ImageStore
from tests.support.wheels import greeting_wheel

# Packages of Drydock, its local cloud, the bundled service and the tests, and Drydock itself.
OF_DRYDOCK = ("pulumi", "pulumi_aws", "moto", "boto3", "pydantic", "fastapi", "pytest", "localcloud", "stacks")
ASK = "import importlib.util as u, sys; print(*(name for name in sys.argv[1:] if u.find_spec(name)))"


def project(folder: Path, lock: str, name: str = "requirements.lock") -> Path:
    """Write a project with a lock file and a Dockerfile that does not copy it."""
    folder.mkdir()
    (folder / "main.py").write_text("import greeting\n")
    (folder / "Dockerfile").write_text(
        'FROM python:3.13\nCOPY main.py /srv/\nWORKDIR /srv\nCMD ["python", "main.py"]\n'
    )
    (folder / name).write_text(lock)
    return folder


def found(python: Path, folder: Path) -> set[str]:
    """Return the modules that an interpreter finds in a folder of a project."""
    command = [str(python), "-c", ASK, "greeting", "json", *OF_DRYDOCK]
    return set(subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=True).stdout.split())


def test_an_image_runs_with_its_locked_packages_only(tmp_path: Path) -> None:
    """Its own package and the standard library are found; none of Drydock's installed packages is."""
    folder = project(tmp_path / "shop", greeting_wheel(tmp_path))
    image = build(folder, folder / "Dockerfile")
    store = ImageStore(tmp_path / "state")
    store.put(image)
    python = store.python(image.digest)

    assert python is not None
    assert found(python, store.rootfs(image.digest) / "srv") == {"greeting", "json"}
    everything = subprocess.run([sys.executable, "-c", ASK, *OF_DRYDOCK], capture_output=True, text=True, check=True)
    assert set(everything.stdout.split()) >= {"pulumi", "moto", "fastapi", "pytest"}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements.txt"])
def test_another_lock_file_creates_another_image(tmp_path: Path, name: str) -> None:
    """This holds even if no instruction copies the lock file; the same lock file yields the same image."""
    first, same, other = (
        build(folder, folder / "Dockerfile").digest
        for folder in (project(tmp_path / str(number), text, name) for number, text in enumerate(["a\n", "a\n", "b\n"]))
    )

    assert first == same != other


def test_the_bundled_service_uses_the_interpreter_of_drydock(tmp_path: Path) -> None:
    """Nothing is installed for it, because one lock file has its packages and Drydock's."""
    assert (BUNDLED / "requirements.lock").is_file()
    assert lock_of(BUNDLED) is None
    folder = project(tmp_path / "files", "")
    (folder / "requirements.lock").unlink()
    image = build(folder, folder / "Dockerfile")
    store = ImageStore(tmp_path / "state")
    store.put(image)

    assert store.python(image.digest) is None
    assert not (tmp_path / "state" / "environments").exists()


def test_refuses_a_lock_file_that_cannot_be_installed(tmp_path: Path) -> None:
    """For a wrong hash the message has pip's error and the path; no image is left, and a correct file installs."""
    line = greeting_wheel(tmp_path)
    wrong = PythonLock(path=tmp_path / "requirements.lock", content=f"{line[:-9]}00000000\n".encode())
    with pytest.raises(CloudError) as refused:
        install(wrong, tmp_path / "environments")

    assert str(refused.value).startswith(f"{tmp_path / 'requirements.lock'} cannot be installed on this machine: ")
    assert "DO NOT MATCH THE HASHES" in str(refused.value)
    (tmp_path / "environments" / wrong.digest).mkdir(exist_ok=True)  # left by an interrupted installation
    right = PythonLock(path=wrong.path, content=line.encode())
    assert "greeting" in found(python_in(install(right, tmp_path / "environments")), tmp_path)
