"""Create .venv with the locked dependencies, checked against their hashes, and with this project, editable.

`make setup` runs it before everything else, with the Python of the machine and without other packages. If .venv is up
to date, it ends in a few hundredths of a second. A second run waits for the first. An incomplete .venv is created
again.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "synced"
LOCK = ROOT / "requirements.lock"
BOOTSTRAP = ROOT / "tools" / "bootstrap.lock"
OLDEST = (3, 11)
INTERRUPTED = 130


def main() -> int:
    """Create or update .venv if necessary, and return the exit code."""
    if sys.version_info < OLDEST:
        return _fail(
            f"Python {OLDEST[0]}.{OLDEST[1]} or later is needed, and {sys.executable} is {sys.version.split()[0]}; "
            "install one, or name it: make setup PYTHON=..."
        )
    try:
        with LOCK.open() as held:  # every checkout has this file, so no lock file is needed
            _wait_for(held.fileno())
            if STAMP.exists() and _python().exists() and STAMP.read_text() == _wanted():
                return 0
            _make()
    except subprocess.CalledProcessError as error:
        return _fail(
            f"`{' '.join(error.cmd)}` failed (exit {error.returncode}), its reason is above; "
            "check the network and the free disk, then run this again"
        )
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}; the checkout must be writable and its disk not full")
    except KeyboardInterrupt:
        _say("interrupted; the next run continues from here")
        return INTERRUPTED
    return 0


def _make() -> None:
    began = time.monotonic()
    _say("installing the locked Python dependencies into .venv")
    STAMP.unlink(missing_ok=True)
    if not _is_usable():
        if VENV.is_symlink() or VENV.is_file():
            VENV.unlink()
        shutil.rmtree(VENV, ignore_errors=True)
        _run(sys.executable, "-m", "venv", VENV)
    pip = (_python(), "-m", "pip", "--disable-pip-version-check", "--no-input", "-q")
    _run(*pip, "install", "--require-hashes", "-r", BOOTSTRAP)
    uv = (_python(), "-m", "uv", "--system-certs", "-q", "pip")  # as pip and Go do
    here = ("--python", _python())
    try:
        # Compiled now, because bytecode saves seconds in each command, and PYTHONDONTWRITEBYTECODE may be set.
        _run(*uv, "sync", *here, "--compile-bytecode", "--require-hashes", LOCK)
    except subprocess.CalledProcessError:
        # uv takes 5 s and pip 80, but uv does not read the settings of pip, which may name a mirror.
        _say("uv did not get them; trying with pip, which is slower")
        _run(*pip, "install", "--require-hashes", "-r", LOCK)
    # Built by the locked setuptools: an isolated build would fetch another one without a hash.
    project = ("--no-deps", "--no-build-isolation", "--editable", ROOT)
    # The folder is added to the path. By default setuptools installs a finder, which costs each start of Python 20 ms.
    _run(*uv, "install", *here, *project, "--config-settings", "editable_mode=compat")
    STAMP.write_text(_wanted())
    _say(f"dependencies installed, after {time.monotonic() - began:.0f} s")


def _wanted() -> str:
    """Return a digest of what .venv is made from, and of its path, which its scripts contain."""
    digest = hashlib.sha256(str(ROOT).encode())
    for path in (LOCK, BOOTSTRAP, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _wait_for(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _say("another process is setting up .venv: waiting for it to end")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _python() -> Path:
    return VENV / "bin" / "python"


def _is_usable() -> bool:
    """Return whether packages can be installed into .venv.

    They cannot if its creation was interrupted, or its Python was removed. If it was moved or copied here, its scripts
    start a Python in the other folder.
    """
    try:
        made_here = f" -m venv {VENV}\n" in (VENV / "pyvenv.cfg").read_text("utf-8", "replace")
        pip = [str(_python()), "-m", "pip", "-V"]
        return made_here and subprocess.run(pip, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=sys.stderr, check=True, cwd=ROOT)


def _say(message: str) -> None:
    print(f"drydock: {message}", file=sys.stderr, flush=True)


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
