"""The checks of the machine in `drydock doctor`: each passes here, and fails on a machine that lacks something."""

import errno
import os
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from infra.toolchain import machine
from infra.toolchain.machine import Check
from tests.infra.toolchain.conftest import Bench


def check(name: str, checkout: Path, *, builds: bool = False) -> Check:
    """Return one check by name."""
    return next(each for each in machine.checks(builds=builds, checkout=checkout) if each.name == name)


def test_a_machine_that_runs_these_tests_passes_every_check(bench: Bench, tmp_path: Path) -> None:
    """No check fails but that of `setpriv`, which is not on the empty PATH."""
    broken = [each for each in machine.checks(builds=False, checkout=tmp_path) if not each.ok]

    assert [each for each in broken if each.name != "setpriv"] == []  # PATH is empty here


def test_building_takes_more_room_than_running(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is large enough for the local cloud may be too small for a first build."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage(0, 0, 2 * machine.GIB))

    assert check("disk of the cache", tmp_path).ok
    assert check("disk of the checkout", tmp_path).ok
    assert not check("disk of the cache", tmp_path, builds=True).ok


def test_rejects_too_little_memory(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check has the available and the needed memory."""
    memory = namedtuple("memory", "available")
    monkeypatch.setattr(machine.psutil, "virtual_memory", lambda: memory(machine.GIB // 2))

    found = check("free memory", tmp_path)

    assert (found.ok, found.found, found.needed) == (False, "0.5 GiB", "1.5 GiB")
    assert found.remedy


def test_rejects_a_checkout_that_cannot_be_written(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only mount refuses root too, so a file is created instead of reading the permissions."""

    def refuse(**_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(machine.tempfile, "TemporaryFile", refuse)

    found = check("write to the checkout", tmp_path)

    assert not found.ok
    assert "Read-only file system" in found.found


def test_rejects_a_machine_without_the_pod_addresses(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some systems have 127.0.0.1 only."""
    bind = socket.socket.bind

    class OneAddress(socket.socket):
        def bind(self, address: tuple[str, int]) -> None:
            if address[0] != "127.0.0.1":
                raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
            bind(self, address)

    monkeypatch.setattr(machine.socket, "socket", OneAddress)

    assert check("loopback ports", tmp_path).ok
    found = check("loopback addresses", tmp_path)
    assert not found.ok
    assert found.found.startswith("127.244.")


def test_a_root_user_needs_setpriv(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL refuses to run as root; other users do not need it."""
    monkeypatch.setattr(machine.os, "geteuid", lambda: 0)
    assert not check("setpriv", tmp_path).ok
    bench.tool("setpriv", "")
    assert check("setpriv", tmp_path).ok

    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    assert "setpriv" not in [each.name for each in machine.checks(builds=False, checkout=tmp_path)]


def test_the_module_proxy_is_checked_only_before_a_build(bench: Bench, tmp_path: Path) -> None:
    """Built tools need no network."""
    bench.go()

    assert check("module proxy", tmp_path, builds=True).found == "answers"
    assert bench.calls("list") == [f"list -m -versions {machine.PROBE}"]
    machine.checks(builds=False, checkout=tmp_path)
    assert len(bench.calls("list")) == 1


def test_rejects_a_module_proxy_that_refuses(bench: Bench, tmp_path: Path) -> None:
    """The check has the error message of Go."""
    bench.script(
        "go",
        '#!/bin/sh\n[ "$1" = version ] && echo go1.99 && exit\necho "dial tcp: connection refused" >&2\nexit 1\n',
    )

    found = check("module proxy", tmp_path, builds=True)

    assert (found.ok, found.found) == (False, "dial tcp: connection refused")
    assert "GOPROXY" in found.remedy
