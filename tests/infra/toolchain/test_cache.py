"""The folder of built tools, and its lock."""

import os
import threading
from pathlib import Path

import pytest

from infra.toolchain import cache


def test_the_cache_is_in_the_home_folder_unless_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An absolute XDG_CACHE_HOME has precedence, as in its specification."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for value, expected in (
        ("/elsewhere", Path("/elsewhere")),
        ("", tmp_path / ".cache"),
        ("here", tmp_path / ".cache"),
    ):
        monkeypatch.setenv("XDG_CACHE_HOME", value)

        assert cache.root() == expected / "drydock" / "tools"


def test_a_second_holder_waits_for_the_first(tmp_path: Path) -> None:
    """Its message names the pid of the process that holds the lock."""
    order: list[str] = []
    told = threading.Event()

    def second() -> None:
        def waiting(message: str) -> None:
            order.append(message)
            told.set()

        with cache.locked(tmp_path, waiting):
            order.append("second")

    thread = threading.Thread(target=second)
    with cache.locked(tmp_path, order.append):
        thread.start()
        assert told.wait(10)
        order.append("first ends")
    thread.join(10)

    assert order == [
        f"process {os.getpid()} is already building in this folder: waiting for it to end",
        "first ends",
        "second",
    ]


def test_a_failure_releases_the_lock(tmp_path: Path) -> None:
    """A failed build does not block the next one."""
    with pytest.raises(ValueError, match="broken"), cache.locked(tmp_path, pytest.fail):
        raise ValueError("broken")

    with cache.locked(tmp_path, pytest.fail):
        assert (tmp_path / "lock").read_text() == str(os.getpid())
