"""Bad input and a bad environment: one clear message, the right exit code, and no partial change."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout

pytestmark = pytest.mark.e2e


def message(checkout: Checkout, *arguments: str, expect: int, **environment: str) -> str:
    """Return the one error line of a command that must fail."""
    stderr = checkout.run(*arguments, expect=expect, **environment).stderr
    assert stderr.count("error: ") == 1, stderr
    return stderr[stderr.index("error: ") :]


def test_rejects_an_unknown_stack(fresh: Checkout) -> None:
    """The message lists the stacks and says how to add one."""
    said = message(fresh, "up", "production", expect=2)

    assert said.startswith("error: production: no such stack")
    assert "dev, local, prod, staging" in said
    assert "Pulumi.production.yaml" in said


def test_reports_all_wrong_settings_together(fresh: Checkout) -> None:
    """An unknown key, a wrong type and a bad CIDR are reported together, each with its path."""
    fresh.set("local", "network", "cidrr", "10.0.0.0/16")
    fresh.set("local", "edge", "httpPort", "eighty")
    fresh.set("local", "network", "cidr", "10.0.0.0/99")
    said = message(fresh, "up", "local", expect=2)

    for path in ("network.cidrr", "edge.httpPort", "network.cidr"):
        assert path in said
    assert not fresh.state.exists()


def test_rejects_overlapping_cidrs(fresh: Checkout) -> None:
    """The VPC may not overlap the addresses of Services."""
    fresh.set("local", "network", "cidr", "10.7.0.0/16")
    fresh.set("local", "cluster", "serviceCidr", "10.7.128.0/20")
    said = message(fresh, "preview", "local", expect=2)

    assert "overlap" in said


def test_rejects_a_broken_stack_file(fresh: Checkout) -> None:
    """The message names file and line."""
    (fresh.root / "Pulumi.local.yaml").write_text("config:\n  drydock:network: {cidr: [\n")

    assert "Pulumi.local.yaml" in message(fresh, "up", "local", expect=2)


def test_rejects_a_port_in_use_before_anything_starts(fresh: Checkout) -> None:
    """The message names the port and its owner, and no local cloud was started."""
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", 0))
        taker.listen()
        port = taker.getsockname()[1]
        fresh.set("local", "edge", "httpPort", port)
        said = message(fresh, "up", "local", expect=2)

    assert f"edge.httpPort {port} in Pulumi.local.yaml is in use" in said
    assert f"(pid {os.getpid()})" in said
    assert not (fresh.state / "cloud.json").exists()


def test_names_the_backup_of_a_corrupt_state_file(platform: Checkout) -> None:
    """The message gives the command that restores the backup."""
    (path,) = (platform.state / "pulumi-state").rglob("stacks/drydock/local.json")
    with platform.restored(path):
        sound = path.read_text()
        path.write_text(sound[: len(sound) // 2])
        said = message(platform, "up", "local", expect=1)
        assert f"{path} is corrupt" in said
        assert f"cp {path}.bak {path}" in said
    platform.run("up", "local")


@pytest.mark.parametrize(
    ("mount", "expected"),
    [("mount -t tmpfs -o size=2m tmpfs .drydock", "full"), ("mount -t tmpfs -o ro tmpfs .drydock", "read-only")],
)
def test_names_a_full_or_read_only_disk(fresh: Checkout, mount: str, expected: str) -> None:
    """The message says whether the disk is full or read-only, and no process is left. The disk is a real tmpfs."""
    (fresh.root / ".drydock").mkdir()
    isolate = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    done = subprocess.run(
        [*isolate, "sh", "-c", f'{mount} && exec "$0" -m infra.cli up local', sys.executable],
        cwd=fresh.root,
        env={**os.environ, "PYTHONPATH": str(fresh.root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert processes_in(fresh.root) == []


def test_names_the_missing_network(fresh: Checkout, tmp_path: Path) -> None:
    """Without a cache and a module proxy, the build of the tools cannot begin; the message names the network."""
    empty = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "GOMODCACHE": str(tmp_path / "modules"), "GOPROXY": "off"}
    said = message(fresh, "up", "local", expect=1, **empty)

    assert "network" in said
    assert not (fresh.state / "cloud.json").exists()


def processes_in(root: Path) -> list[str]:
    """Return the command lines that contain the path of the checkout."""
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in commands.splitlines() if str(root) in line]
