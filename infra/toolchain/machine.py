"""Checks whether this machine meets the requirements of the local cloud, with a remedy if it does not."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.toolchain import cache, golang
from infra.toolchain.pins import PULUMI

GIB = 1024**3
DISK_TO_BUILD = 8.0
"""Disk space in GiB for a first build: the module cache and the build cache of Go, and the binaries."""
DISK_TO_RUN = 1.0
MEMORY_TO_BUILD = 3.0
"""Memory in GiB to link the API server while another package is compiled."""
MEMORY_TO_RUN = 1.5
POD_ADDRESSES = ("127.244.0.2", "127.244.255.254")
PORTS = 16
"""The number of loopback ports that must be free for a local cloud."""
PROBE = "golang.org/x/text"
"""A small Go module that the tools depend on."""
PROBE_WITHIN = 20.0
"""Timeout in seconds for the Go module proxy."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """The result of checking one requirement of a deployment on this machine."""

    name: str
    ok: bool
    found: str
    """The actual value."""
    needed: str
    """The required value."""
    remedy: str
    """What to do; "" if the requirement is met."""


def checks(*, builds: bool, checkout: Path) -> list[Check]:
    """Run all checks; `builds` tells whether tools must still be built, which has higher requirements."""
    both = [
        _system(),
        _python(),
        _memory(MEMORY_TO_BUILD if builds else MEMORY_TO_RUN),
        _disk("disk of the cache", cache.root(), DISK_TO_BUILD if builds else 0.0),
        _disk("disk of the checkout", checkout, DISK_TO_RUN),
        _writable("cache", cache.root(), "set XDG_CACHE_HOME to a folder that you can write to"),
        _writable("checkout", checkout, "use a checkout that you can write to, on a writable file system"),
        _bindable("loopback addresses", POD_ADDRESSES, "127.244.0.0/16, where pods listen"),
        _bindable("loopback ports", ("127.0.0.1",) * PORTS, f"{PORTS} free ones"),
    ]
    if os.geteuid() == 0:
        both.append(_setpriv())
    return [*both, _modules()] if builds else both


def _system() -> Check:
    remedy = "run the local cloud on Linux; `drydock preview` and stacks on AWS work here too"
    return _check("system", sys.platform == "linux", sys.platform, "linux", remedy)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return _check(
        "python", sys.version_info >= (3, 11), version, ">= 3.11", "install Python 3.11 or later, then: make setup"
    )


def _memory(needed: float) -> Check:
    free = psutil.virtual_memory().available / GIB
    return _check("free memory", free >= needed, f"{free:.1f} GiB", f"{needed:.1f} GiB", "stop large programs")


def _disk(name: str, folder: Path, needed: float) -> Check:
    free = shutil.disk_usage(_existing(folder)).free / GIB
    remedy = f"free some space on the disk of {folder}"
    return _check(name, free >= needed, f"{free:.1f} GiB free", f"{needed:.1f} GiB free", remedy)


def _writable(name: str, folder: Path, remedy: str) -> Check:
    """Check that a folder is writable by creating a file, because permissions do not show a read-only mount to root."""
    existing = _existing(folder)
    try:
        tempfile.TemporaryFile(dir=existing).close()
    except OSError as error:
        return _check(f"write to the {name}", False, f"{existing}: {error.strerror}", "a writable folder", remedy)
    return _check(f"write to the {name}", True, str(existing), "a writable folder", remedy)


def _bindable(name: str, addresses: tuple[str, ...], needed: str) -> Check:
    held: list[socket.socket] = []
    try:
        for address in addresses:
            held.append(socket.socket())
            held[-1].bind((address, 0))
    except OSError as error:
        remedy = "allow binding the whole of 127.0.0.0/8, as Linux does unless a sandbox forbids it"
        return _check(name, False, f"{address}: {error.strerror}", needed, remedy)
    finally:
        for each in held:
            each.close()
    return _check(name, True, "usable", needed, "")


def _setpriv() -> Check:
    found = shutil.which("setpriv")
    remedy = "apt install util-linux, or run as another user than root"
    return _check("setpriv", found is not None, found or "missing", "PostgreSQL refuses to run as root", remedy)


def _modules() -> Check:
    """Check that the module proxy lists the versions of a small module; this request is never served from a cache."""
    needed = "a Go module proxy that responds"
    go = golang.present()
    if go is None:
        return _check("module proxy", True, "not checked: Go is not installed yet", needed, "")
    command = [str(go), "list", "-m", "-versions", PROBE]
    try:
        answer = subprocess.run(
            command,
            cwd=PULUMI.folder,
            env=golang.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PROBE_WITHIN,
            check=False,
        )
    except subprocess.TimeoutExpired:
        found, ok = f"no response within {PROBE_WITHIN:.0f} s", False
    else:
        ok = answer.returncode == 0
        found = "answers" if ok else answer.stderr.strip()[-200:]
    remedy = "check the network; behind a mirror set GOPROXY. Or put the tools on PATH"
    return _check("module proxy", ok, found, needed, remedy)


def _existing(folder: Path) -> Path:
    """Return the folder, or its closest existing parent, in which it would be created."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _check(name: str, ok: bool, found: str, needed: str, remedy: str) -> Check:
    return Check(name=name, ok=ok, found=found, needed=needed, remedy="" if ok else remedy)
