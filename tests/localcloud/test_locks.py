"""Lock files: their holder, and their release at the end of the holder."""

import os
import subprocess
import sys
from pathlib import Path

from localcloud import locks

HOLD = """
import pathlib, sys
from localcloud import locks
held = locks.take(pathlib.Path(sys.argv[1]))
print("held" if held else "refused", flush=True)
sys.stdin.read()
"""


def test_a_lock_is_exclusive_and_names_its_holder(tmp_path: Path) -> None:
    """It is exclusive within a process too; reading the holder does not release it."""
    path = tmp_path / "any.lock"
    assert locks.holder(path) is None
    with locks.take(path) as held:
        assert held is not None
        assert locks.take(path) is None
        assert locks.holder(path) == os.getpid()
        assert subprocess.check_output([sys.executable, "-c", HOLD, path], input=b"") == b"refused\n"
    assert locks.holder(path) is None
    with locks.take(path) as again:
        assert again is not None


def test_a_killed_holder_releases_the_lock(tmp_path: Path) -> None:
    """The kernel releases it, whatever pid the file has."""
    path = tmp_path / "any.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert locks.holder(path) == process.pid
        assert locks.take(path) is None
        process.kill()
    assert locks.holder(path) is None


def test_a_lock_in_a_missing_folder_is_free(tmp_path: Path) -> None:
    """The state folder may have been deleted."""
    assert locks.holder(tmp_path / "none" / "any.lock") is None
