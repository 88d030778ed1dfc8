"""Checks of port and disk before the local cloud starts."""

import os
import shutil
import socket
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.engine import preflight
from infra.errors import InputError, OperationError


class Usage(NamedTuple):
    """The result of shutil.disk_usage, in bytes."""

    total: int
    used: int
    free: int


def test_a_port_in_use_names_its_owner() -> None:
    """The message has the setting, the stack file and the pid."""
    with socket.create_server(("127.0.0.1", 0)) as taker:
        port = taker.getsockname()[1]
        with pytest.raises(InputError, match=rf"edge\.httpPort {port} in Pulumi\.local\.yaml .*\(pid {os.getpid()}\)"):
            preflight.require_free_port("127.0.0.1", "edge.httpPort", port, "local")


def test_a_free_port_passes() -> None:
    """The check does not occupy the port: it passes twice."""
    with socket.create_server(("127.0.0.1", 0)) as taker:
        port = taker.getsockname()[1]
    preflight.require_free_port("127.0.0.1", "edge.httpPort", port, "local")
    preflight.require_free_port("127.0.0.1", "edge.httpPort", port, "local")


def test_refuses_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the free and the needed space in MB."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(1, 1, 2_000_000))
    with pytest.raises(OperationError, match="the disk is full: 2 MB are free and a local cloud needs 500"):
        preflight.require_space(tmp_path)

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(1, 1, 600_000_000))
    preflight.require_space(tmp_path)
