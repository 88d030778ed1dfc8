"""Python projects with a lock file, which run with this machine's interpreter in their own virtual environment.

The service of this repository is an exception: it shares its lock file with Drydock, so it runs in the environment of
Drydock, and its packages are not installed again.
"""

import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from localcloud.errors import CloudError

LOCK_FILES = ("requirements.lock", "requirements.txt")
"""A context with one of these files in its root is a Python project; the first existing file is installed."""
BUNDLED = Path(__file__).resolve().parents[2] / "app"

_installing = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class PythonLock:
    """A lock file of a Python project."""

    path: Path
    content: bytes

    @property
    def digest(self) -> str:
        """The name of the environment: a hexadecimal digest of the lock's content and the interpreter version."""
        return sha256(f"{sys.version}\n".encode() + self.content).hexdigest()[:32]


def is_python_project(context: Path) -> bool:
    """Return whether a context has a lock file that can be installed."""
    return _lock_path(context) is not None


def lock_of(context: Path) -> PythonLock | None:
    """Return the lock file of a project; None for the bundled service and for projects without a lock file.

    Raises:
        CloudError: the lock file cannot be read.
    """
    if context.resolve() == BUNDLED:
        return None
    path = _lock_path(context)
    if path is None:
        return None
    try:
        return PythonLock(path=path, content=path.read_bytes())
    except OSError as error:
        raise CloudError(f"{path} cannot be read: {error.strerror}") from error


def install(lock: PythonLock, folder: Path) -> Path:
    """Create the virtual environment of a lock file unless it exists, and return its folder.

    Args:
        lock: the lock file that pip installs; pip verifies the hashes in it, if there are any.
        folder: the folder of all environments; created if it does not exist.

    Raises:
        CloudError: pip failed; the message ends with its last output.
    """
    target = folder / lock.digest
    complete = target / "complete"
    with _installing:
        if complete.exists():
            return target
        shutil.rmtree(target, ignore_errors=True)  # left by an interrupted installation
        target.mkdir(parents=True, mode=0o700)
        copy = target / "requirements.txt"
        copy.write_bytes(lock.content)
        venv = target / "venv"
        _run([sys.executable, "-I", "-m", "venv", "--without-pip", str(venv)], lock)
        pip = [sys.executable, "-I", "-m", "pip", "--python", str(python_in(target)), "install"]
        _run([*pip, "--disable-pip-version-check", "--no-input", "--requirement", str(copy)], lock)
        complete.touch()
    return target


def python_in(environment: Path) -> Path:
    """Return the interpreter of an environment; the programs of its packages are in the same folder."""
    return environment / "venv" / "bin" / "python"


def _lock_path(context: Path) -> Path | None:
    return next((context / name for name in LOCK_FILES if (context / name).is_file()), None)


def _run(command: list[str], lock: PythonLock) -> None:
    # pip would treat packages on PYTHONPATH as installed.
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        printed = done.stdout.decode(errors="replace")[-2000:].strip()
        raise CloudError(f"{lock.path} cannot be installed on this machine: {printed}")
