"""The pinned versions of tools, and the cache key that changes with them."""

import shutil
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from infra.errors import OperationError
from infra.toolchain import pins
from infra.toolchain.pins import KUBERNETES, KUBERNETES_PROVIDER, MODULES, PULUMI, go_needed, pinned
from infra.toolchain.versions import parse, show


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the pins that a test may change."""
    shutil.copytree(pins.TOOLS, tmp_path / "tools")
    monkeypatch.setattr(pins, "TOOLS", tmp_path / "tools")
    return tmp_path / "tools"


EVERY = (*MODULES, KUBERNETES_PROVIDER)


@pytest.mark.parametrize("module", EVERY, ids=lambda module: module.name)
def test_every_package_is_a_tool_of_its_go_mod(module: pins.GoModule) -> None:
    """`go mod tidy` keeps the dependencies of the binaries only if go.mod lists them as tools."""
    text = (module.folder / "go.mod").read_text()

    assert all(package in text for _, package in module.packages)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_linker_writes_the_pinned_version_into_the_binaries(module: pins.GoModule) -> None:
    """Otherwise they report a development version, and would not be accepted on PATH."""
    ldflags = module.build_flags[-1]

    assert show(module.version) in ldflags
    assert "{" not in ldflags


def test_reads_the_version_of_the_requirement_not_of_a_replacement() -> None:
    """Kubernetes requires its staging modules at v0.0.0 and replaces them."""
    assert KUBERNETES.version == pinned(KUBERNETES.folder / "go.mod", "k8s.io/kubernetes")
    assert KUBERNETES.version[0] == 1


def test_the_pinned_go_wheel_is_recent_enough_for_every_module() -> None:
    """A machine without Go builds with this wheel."""
    wheel = parse(pins.GO_LOCK.read_text())

    assert wheel is not None
    assert wheel >= go_needed()


def test_every_bootstrap_pin_has_a_hash() -> None:
    """The packages that are installed first are verified too."""
    for lock in (pins.GO_LOCK, pins.TOOLS / "bootstrap.lock"):
        text = lock.read_text()

        assert text.count("==") == 1
        assert "--hash=sha256:" in text


def test_the_key_names_the_module_and_is_stable() -> None:
    """The folders of the cache are readable for people."""
    assert PULUMI.key == PULUMI.key
    assert PULUMI.key.startswith(f"pulumi-{show(PULUMI.version)}-")


@pytest.mark.parametrize("name", ["go.mod", "go.sum"])
def test_the_key_changes_with_a_pin(copied: Path, name: str) -> None:
    """Binaries of other pins must not be found under the old key."""
    before = PULUMI.key
    with (copied / "pulumi" / name).open("a") as file:
        file.write("\n// changed\n")

    assert PULUMI.key != before


def test_the_key_changes_with_the_main_package(copied: Path) -> None:
    """The module has its own main package."""
    before = KUBERNETES_PROVIDER.key
    (copied / "kubernetes-provider" / "main.go").write_text("package main")

    assert KUBERNETES_PROVIDER.key != before


def test_the_kubernetes_provider_reports_the_version_of_the_sdk() -> None:
    """The engine warns of a provider that is older than the SDK of the program."""
    assert f"version.Version={version('pulumi-kubernetes')}" in KUBERNETES_PROVIDER.build_flags[-1]


def test_every_module_can_be_built_with_the_required_go() -> None:
    assert pins._read(KUBERNETES_PROVIDER.folder / "go.mod", r"^go (\S+)", "no go line") <= go_needed()


def test_the_key_changes_with_the_flags() -> None:
    """A change of the build flags changes the key."""
    assert replace(PULUMI, flags=("-race",)).key != PULUMI.key


def test_the_key_changes_with_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder may be shared between architectures."""
    before = PULUMI.key
    monkeypatch.setattr(pins.platform, "machine", lambda: "riscv64")

    assert PULUMI.key != before


def test_rejects_a_go_mod_without_the_pin(tmp_path: Path) -> None:
    """The message names the module, and says to restore the committed file."""
    (tmp_path / "go.mod").write_text("module example.com/tools\n\ngo 1.25\n")

    with pytest.raises(OperationError, match=r"no version of k8s\.io/kubernetes; restore the committed file"):
        pinned(tmp_path / "go.mod", "k8s.io/kubernetes")
