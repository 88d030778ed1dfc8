"""Log files of containers."""

import os
from pathlib import Path

import pytest

from localcloud.node import logs
from localcloud.node.logs import LogFile


def write(log: LogFile, text: bytes) -> None:
    descriptor = log.open()
    os.write(descriptor, text)
    os.close(descriptor)


def test_keeps_the_log_of_the_previous_run(tmp_path: Path) -> None:
    """`kubectl logs --previous` reads it; both files have the mode 0600."""
    log = LogFile(tmp_path, "shop", "web-1", "app")
    write(log, b"first\n")
    write(log, b"second\n")

    assert log.path == tmp_path / "logs" / "pods" / "shop_web-1_app.log"
    assert (log.path.read_bytes(), log.previous.read_bytes()) == (b"second\n", b"first\n")
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_cuts_a_log_to_its_newest_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process continues to append after the cut."""
    monkeypatch.setattr(logs, "MAX_BYTES", 100)
    monkeypatch.setattr(logs, "KEPT_BYTES", 30)
    log = LogFile(tmp_path, "shop", "web-1", "app")
    descriptor = log.open()
    os.write(descriptor, b"".join(b"line %03d\n" % number for number in range(20)))

    log.bound()
    os.write(descriptor, b"line 020\n")
    os.close(descriptor)

    assert log.path.read_bytes() == b"line 017\nline 018\nline 019\nline 020\n"


def test_tail_is_bounded_in_lines_and_bytes(tmp_path: Path) -> None:
    """A missing log is empty."""
    log = LogFile(tmp_path, "shop", "web-1", "app")
    assert log.tail(5) == ""
    write(log, b"one\ntwo\nthree\n")

    assert log.tail(2) == "two\nthree\n"
    assert log.tail(2, limit=6) == "three\n"
