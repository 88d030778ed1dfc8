"""Makes .venv: the locked dependencies, checked against their hashes, and this project, editable.

`make setup` runs it with the machine's own Python and nothing installed, before everything else: a run that finds
.venv as it should be ends in a few hundredths of a second. Two at once take turns, and what an interrupt left half-made
is made again.
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
    """Make .venv unless it is as it should be; the exit code is 0 if it now is."""
    if sys.version_info < OLDEST:
        return _fail(
            f"Python {OLDEST[0]}.{OLDEST[1]} or later is needed, and {sys.executable} is {sys.version.split()[0]}; "
            "install one, or name it: make setup PYTHON=..."
        )
    try:
        with LOCK.open() as held:  # a file that every checkout has: no lock file to leave behind
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
    if not _has_pip():
        shutil.rmtree(VENV, ignore_errors=True)
        _run(sys.executable, "-m", "venv", VENV)
    pip = (_python(), "-m", "pip", "--disable-pip-version-check", "--no-input", "-q")
    _run(*pip, "install", "--require-hashes", "-r", BOOTSTRAP)
    uv = (_python(), "-m", "uv", "--system-certs", "-q", "pip")  # as pip and Go do
    here = ("--python", _python())
    try:
        # Compiled now, because bytecode saves each command seconds and some machines tell Python to keep none.
        _run(*uv, "sync", *here, "--compile-bytecode", "--require-hashes", LOCK)
    except subprocess.CalledProcessError:
        # uv takes 5 s where pip takes 80, but does not read pip's settings, where a mirror may be named.
        _say("uv did not get them; trying with pip, which is slower")
        _run(*pip, "install", "--require-hashes", "-r", LOCK)
    # Built by the locked setuptools: an isolated build would fetch one that no hash pins.
    project = ("--no-deps", "--no-build-isolation", "--editable", ROOT)
    # The folder is added to the path. By default setuptools installs a finder, which costs each start of Python 20 ms.
    _run(*uv, "install", *here, *project, "--config-settings", "editable_mode=compat")
    STAMP.write_text(_wanted())
    _say(f"dependencies installed, after {time.monotonic() - began:.0f} s")


def _wanted() -> str:
    """What .venv has to be made from; its scripts hold the checkout's path, so a moved checkout needs a new one."""
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


def _has_pip() -> bool:
    """Whether .venv is whole enough to install into; not where its making was interrupted, or its Python is gone."""
    try:
        return subprocess.run([_python(), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
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
