"""Python projects with a lock file, which run on this machine's interpreter in a virtual environment of their own.

The service of this repository is the exception: its packages are among Drydock's own, as one lock file has both, so it
runs with Drydock's interpreter and nothing is installed a second time.
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
"""Any of them beside the Dockerfile makes the context a Python project; the first that is there is installed."""
BUNDLED = Path(__file__).resolve().parents[2] / "app"

_installing = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class PythonLock:
    """A lock file."""

    path: Path
    content: bytes

    @property
    def digest(self) -> str:
        """What names the environment, in hexadecimal: the lock's content and the interpreter."""
        return sha256(f"{sys.version}\n".encode() + self.content).hexdigest()[:32]


def is_python_project(context: Path) -> bool:
    """Return whether a context has a lock file that can be installed."""
    return _lock_path(context) is not None


def lock_of(context: Path) -> PythonLock | None:
    """Return the lock that a project's own environment is made from; None for other projects and the bundled service.

    Raises:
        CloudError: it cannot be read.
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
    """Create the virtual environment of a lock, unless it is there; give its folder.

    Args:
        lock: what pip installs, with its hashes where it has any.
        folder: where environments are; made where it is missing.

    Raises:
        CloudError: pip failed; ends with what it printed last.
    """
    target = folder / lock.digest
    complete = target / "complete"
    with _installing:
        if complete.exists():
            return target
        shutil.rmtree(target, ignore_errors=True)  # of an installation that was interrupted
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
    """Return the interpreter of an environment; the programs of its packages are beside it."""
    return environment / "venv" / "bin" / "python"


def _lock_path(context: Path) -> Path | None:
    return next((context / name for name in LOCK_FILES if (context / name).is_file()), None)


def _run(command: list[str], lock: PythonLock) -> None:
    # What PYTHONPATH names would count as installed.
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        printed = done.stdout.decode(errors="replace")[-2000:].strip()
        raise CloudError(f"{lock.path} cannot be installed on this machine: {printed}")
