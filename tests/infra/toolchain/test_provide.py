"""Tools are taken from PATH or the cache, or built: by one process, by two, and after an interrupt. Mocked: Go."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from infra.errors import OperationError
from infra.toolchain import ensure, ensure_providers
from infra.toolchain.pins import KUBERNETES, KUBERNETES_PROVIDER, PULUMI
from infra.toolchain.toolchain import Source
from infra.toolchain.versions import show
from tests.infra.toolchain.conftest import NAMES, Bench
from tests.support.launch import prepared

PATIENCE = 20.0


def until(holds: Callable[[], object]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_builds_everything_on_a_bare_path(bench: Bench) -> None:
    """All six tools of the two modules are built, each under the key of its module."""
    bench.go()

    toolchain = ensure(progress=False)

    keys = {name: (PULUMI if name == "pulumi" else KUBERNETES).key for name in NAMES}
    root = bench.cache / "drydock" / "tools"
    assert {name: found.path for name, found in toolchain.found.items()} == {
        name: root / key / "bin" / name for name, key in keys.items()
    }
    assert {found.source for found in toolchain.found.values()} == {Source.BUILT}
    assert toolchain.kube_apiserver.name == "kube-apiserver"
    assert toolchain.etcd.name == "etcd"


def test_a_second_run_starts_no_process(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built tools are found without running them."""
    bench.go()
    ensure(progress=False)
    monkeypatch.setattr(subprocess, "Popen", pytest.fail)

    assert set(ensure().found) == set(NAMES)


def test_uses_recent_tools_from_path_and_builds_the_others(bench: Bench) -> None:
    """A tool with an unsupported version is not used."""
    bench.go()
    bench.tool("pulumi", "v99.0.0")
    bench.tool("etcd", "etcd Version: 3.5.21")
    kubectl = bench.tool("kubectl", f"Client Version: v{show(KUBERNETES.version)}")

    toolchain = ensure(progress=False)

    assert toolchain.kubectl == kubectl
    assert toolchain.found["etcd"].source == Source.PATH
    assert toolchain.found["pulumi"].source == Source.BUILT
    assert bench.built() == set(NAMES) - {"etcd", "kubectl"}


def test_builds_only_the_requested_tools(bench: Bench) -> None:
    """A preview needs no control plane, so it does not wait for its build."""
    bench.go()

    toolchain = ensure({"pulumi"}, progress=False)

    assert set(toolchain.found) == bench.built() == {"pulumi"}


def test_builds_the_kubernetes_provider_only_on_request(bench: Bench) -> None:
    """An overlay adds the files that it embeds, which are in the module cache."""
    bench.go()
    ensure(progress=False)
    assert bench.built() == set(NAMES)

    found = ensure_providers(progress=False).found

    (path,) = [each.path for each in found.values()]
    assert path == bench.cache / "drydock" / "tools" / KUBERNETES_PROVIDER.key / "bin" / "pulumi-resource-kubernetes"
    assert path.exists()
    folder, module = KUBERNETES_PROVIDER.folder, bench.path / "module" / "cmd" / "pulumi-resource-kubernetes"
    assert json.loads((bench.path / "go.overlay").read_text())["Replace"] == {
        str(folder / "schema.json"): str(module / "schema.json"),
        str(folder / "terraform-mapping.json"): str(module / "terraform-mapping.json"),
    }
    builds = len(bench.calls("build"))
    assert ensure_providers(progress=False).found == found
    assert len(bench.calls("build")) == builds


def test_a_binary_removed_from_the_cache_is_built_again(bench: Bench) -> None:
    """Only that binary is built."""
    bench.go()
    ensure(progress=False).etcd.unlink()

    assert ensure(progress=False).etcd.exists()
    assert bench.calls("build")[-1].endswith("go.etcd.io/etcd/server/v3")


def test_two_concurrent_builds_build_once_and_the_second_waits(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """After its wait the second build finds everything in the cache."""
    bench.go()
    waits = bench.mark("go.waits")
    results: list[Path] = []
    threads = [threading.Thread(target=lambda: results.append(ensure({"pulumi"}).pulumi)) for _ in range(2)]
    heard = ""

    def told() -> bool:
        nonlocal heard
        heard += capsys.readouterr().err
        return "waiting for it to end" in heard

    for thread in threads:
        thread.start()
    until(told)
    waits.unlink()
    for thread in threads:
        thread.join(PATIENCE)

    assert len(results) == 2
    assert results[0] == results[1]
    assert len(bench.calls("build")) == 1
    assert f"building pulumi: process {os.getpid()} is already building in this folder" in heard


@pytest.mark.parametrize(("with_signal", "exit_code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_an_interrupted_build_leaves_no_partial_files(
    bench: Bench, with_signal: signal.Signals, exit_code: int
) -> None:
    """Ctrl-C ends Go too; after kill -9 the next run does not wait for a stale lock."""
    bench.go()
    waits = bench.mark("go.waits")
    # As at a terminal: a test suite that runs in the background ignores SIGINT, and so would its children.
    at_terminal = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)"
    command = prepared(at_terminal, [sys.executable, "-m", "infra.toolchain"])
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    until((bench.path / "go.building").exists)
    (go,) = psutil.Process(process.pid).children()

    process.send_signal(with_signal)
    _, said = process.communicate(timeout=PATIENCE)

    assert process.returncode == exit_code
    assert "Traceback" not in said
    assert bench.built() == set()
    if with_signal == signal.SIGINT:
        assert not go.is_running()
        assert bench.leftovers() == []
    waits.unlink()
    go.wait(PATIENCE) if go.is_running() else None
    assert set(ensure(progress=False).found) == bench.built() == set(NAMES)
    assert bench.leftovers() == []


def test_reports_a_cache_that_cannot_be_written(bench: Bench) -> None:
    """The message has the path, the reason, and the variable to set."""
    bench.go()
    bench.cache.write_text("a file where a folder should be")

    with pytest.raises(OperationError, match=r"building pulumi failed: .*: Not a directory; .*XDG_CACHE_HOME"):
        ensure(progress=False)


def test_a_failed_build_ends_the_command_with_its_message(bench: Bench) -> None:
    """Exit code 1 with cause and remedy, and without a traceback."""
    bench.go()
    bench.mark("go.fails", "dial tcp: lookup proxy.invalid: no such host")

    done = subprocess.run([sys.executable, "-m", "infra.toolchain"], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "a download was refused or did not arrive; check the network" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_asking_for_a_tool_that_was_not_provided_fails(bench: Bench) -> None:
    """The attribute raises an error instead of returning a path that does not exist."""
    bench.tool("pulumi", f"v{show(PULUMI.version)}")

    with pytest.raises(KeyError, match="etcd"):
        _ = ensure({"pulumi"}).etcd
