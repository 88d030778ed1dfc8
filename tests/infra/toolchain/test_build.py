"""Builds of binaries into the cache. Mocked: Go, by a script."""

import io
from pathlib import Path

import pytest

from infra.errors import OperationError
from infra.toolchain.build import Plan, build, built_name
from infra.toolchain.pins import KUBERNETES
from infra.toolchain.report import Report
from tests.infra.toolchain.conftest import Bench


@pytest.fixture
def folder(bench: Bench) -> Path:
    """The module's folder in the cache."""
    folder = bench.cache / "drydock" / "tools" / "key"
    folder.mkdir(parents=True)
    return folder


def test_builds_only_the_requested_binaries(bench: Bench, folder: Path) -> None:
    """The other binaries of the module are not built."""
    build(KUBERNETES, ["etcd", "kubectl"], folder, bench.go(), Report(enabled=False))

    assert bench.built() == {"etcd", "kubectl"}
    assert bench.leftovers() == []
    assert "built from go.etcd.io/etcd/server/v3" in (folder / "bin" / "etcd").read_text()


def test_passes_the_pinned_flags(bench: Bench, folder: Path) -> None:
    """The cache key covers these flags, so the build has to use them."""
    build(KUBERNETES, ["kubectl"], folder, bench.go(), Report(enabled=False))

    (call,) = bench.calls("build")
    assert call.startswith("build -v " + " ".join(KUBERNETES.build_flags))


def test_a_failure_leaves_no_binary_and_its_output_in_the_log(bench: Bench, folder: Path) -> None:
    """Neither a binary nor a temporary file is left."""
    bench.mark("go.fails", "write x: no space left on device")

    with pytest.raises(OperationError, match=r"building kubernetes \S+ failed: the disk is full"):
        build(KUBERNETES, ["kubectl"], folder, bench.go(), Report(enabled=False))

    assert bench.built() == set()
    assert bench.leftovers() == []
    assert "no space left on device" in (folder / "build.log").read_text()


def test_removes_the_files_of_a_killed_build(bench: Bench, folder: Path) -> None:
    """A build that was killed with -9 could not remove them itself."""
    (folder / "partial-left").mkdir()
    (folder / "partial-left" / "kubectl").write_text("half")

    build(KUBERNETES, ["kubectl"], folder, bench.go(), Report(enabled=False))

    assert bench.leftovers() == []


def test_prints_what_it_builds_where_and_how_long(bench: Bench, folder: Path) -> None:
    """The message says that the tool is built only once."""
    stream = io.StringIO()

    build(KUBERNETES, ["kubectl"], folder, bench.go(), Report(stream=stream))

    first, last = stream.getvalue().splitlines()
    assert "building kubectl" in first
    assert f"once; kept in {folder}" in first
    assert "is built, after 0 s" in last


@pytest.mark.parametrize(
    ("package", "name"),
    [("go.etcd.io/etcd/server/v3", "server"), ("k8s.io/kubernetes/cmd/kubectl", "kubectl"), ("example.com/v", "v")],
)
def test_derives_the_name_of_an_executable_as_go_does(package: str, name: str) -> None:
    """A major version at the end of the path is not the name."""
    assert built_name(package) == name


def test_progress_counts_packages_in_the_build_cache() -> None:
    """A package is compiled after all its imports, so they count as compiled, also by an interrupted build."""
    plan = Plan()
    assert plan.status() == "getting ready"

    plan.listed("go: downloading example.com/a v1.0.0")
    assert plan.status() == "downloading, 1 modules so far"

    for line in ("a ", "b a", "c a b", "d ", "main c d"):
        plan.listed(line)
    for line in ("b", "# a warning", "unknown"):
        plan.compiling(line)
    assert plan.status() == "package 2 of 5 (40 %)"

    plan.compiling("c")
    assert plan.status() == "package 3 of 5 (60 %)"

    plan.compiling("main")
    assert plan.status() == "linking"
