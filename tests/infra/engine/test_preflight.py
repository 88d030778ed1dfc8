"""What is refused before anything starts."""

import os
import shutil
import socket
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.engine import preflight
from infra.errors import InputError, OperationError


class Usage(NamedTuple):
    """As shutil.disk_usage gives it, in bytes."""

    total: int
    used: int
    free: int


def test_a_port_in_use_names_its_owner() -> None:
    """With the setting that holds it, and the process."""
    with socket.create_server(("127.0.0.1", 0)) as taker:
        port = taker.getsockname()[1]
        with pytest.raises(InputError, match=rf"edge\.httpPort {port} in Pulumi\.local\.yaml .*\(pid {os.getpid()}\)"):
            preflight.require_free_port("127.0.0.1", "edge.httpPort", port, "local")


def test_a_free_port_passes() -> None:
    """And is free afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as taker:
        port = taker.getsockname()[1]
    preflight.require_free_port("127.0.0.1", "edge.httpPort", port, "local")
    preflight.require_free_port("127.0.0.1", "edge.httpPort", port, "local")


def test_a_full_disk_is_refused_with_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In megabytes, as people count them."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(1, 1, 2_000_000))
    with pytest.raises(OperationError, match="the disk is full: 2 MB are free and a local cloud needs 500"):
        preflight.require_space(tmp_path)

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(1, 1, 600_000_000))
    preflight.require_space(tmp_path)
