"""The set-up of .venv: first run, changed locks, interrupts and failures. Commands are mocked: nothing is installed."""

import importlib.util
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SETUP = Path(__file__).resolve().parents[2] / "tools" / "setup.py"


class Checkout:
    """A checkout whose commands are recorded; they only create an empty .venv."""

    def __init__(self, root: Path, module: ModuleType) -> None:
        self.root = root
        self.module = module
        self.commands: list[str] = []
        self.failing: str | None = None
        self.interrupted: str | None = None

    def run(self, *command: object) -> None:
        """Record a command instead of running it."""
        text = " ".join(map(str, command))
        self.commands.append(text)
        if self.interrupted and self.interrupted in text:
            raise KeyboardInterrupt
        if self.failing and self.failing in text:
            raise subprocess.CalledProcessError(1, [str(part) for part in command])
        if "-m venv" in text:
            python = self.root / ".venv" / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.write_text("#!/bin/sh\n")
            python.chmod(0o755)
            (self.root / ".venv" / "pyvenv.cfg").write_text(f"home = /usr/bin\ncommand = {text}\n")

    def set_up(self) -> list[str]:
        """Return the commands of a successful run."""
        self.commands.clear()
        assert self.module.main() == 0
        return list(self.commands)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checkout]:
    """A new clone without .venv."""
    (tmp_path / "tools").mkdir()
    for name in ("requirements.lock", "pyproject.toml", "tools/bootstrap.lock"):
        (tmp_path / name).write_text(name)
    shutil.copy(SETUP, tmp_path / "tools" / "setup.py")
    spec = importlib.util.spec_from_file_location("drydock_setup", tmp_path / "tools" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    checkout = Checkout(tmp_path, module)
    monkeypatch.setattr(module, "_run", checkout.run)
    return checkout


def test_all_packages_are_installed_with_hashes(checkout: Checkout) -> None:
    """The installer and the dependencies. The project itself is built with the locked packages."""
    venv, bootstrap, sync, editable = checkout.set_up()

    assert venv.endswith(f"-m venv {checkout.root}/.venv")
    assert "--require-hashes -r" in bootstrap
    assert "sync" in sync
    assert "--require-hashes" in sync
    assert "--no-deps --no-build-isolation --editable" in editable


def test_a_second_run_executes_no_command(checkout: Checkout) -> None:
    """Nothing has changed since the first run."""
    checkout.set_up()

    assert checkout.set_up() == []


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml", "tools/bootstrap.lock"])
def test_a_changed_lock_is_installed_into_the_same_venv(checkout: Checkout, changed: str) -> None:
    """It is installed only once."""
    checkout.set_up()
    (checkout.root / changed).write_text("changed")

    assert [command for command in checkout.set_up() if "-m venv" in command] == []
    assert checkout.set_up() == []


@pytest.mark.parametrize("step", ["bootstrap.lock", "sync", "--editable"])
def test_an_interrupted_run_is_repeated(checkout: Checkout, step: str) -> None:
    """At any step: the next run does not regard .venv as complete."""
    checkout.interrupted = step
    assert checkout.module.main() == 130
    checkout.interrupted = None

    assert any(step in command for command in checkout.set_up())


def test_an_interrupted_update_is_repeated(checkout: Checkout) -> None:
    """Even with the old lock, which may no longer be installed."""
    checkout.set_up()
    old = (checkout.root / "requirements.lock").read_text()
    (checkout.root / "requirements.lock").write_text("changed")
    checkout.interrupted = "sync"
    assert checkout.module.main() == 130
    checkout.interrupted = None
    (checkout.root / "requirements.lock").write_text(old)

    assert checkout.set_up() != []


def test_a_broken_venv_is_created_again(checkout: Checkout) -> None:
    """Its creation was interrupted, or its Python was removed."""
    checkout.set_up()
    (checkout.root / ".venv" / "bin" / "python").unlink()

    assert "-m venv" in checkout.set_up()[0]


@pytest.mark.parametrize("before", ["elsewhere/.venv", "", "/else{root}/.venv"])
def test_a_moved_venv_is_created_again(checkout: Checkout, before: str) -> None:
    """The scripts in it start the Python of the folder where it was created, which may not exist any more."""
    checkout.set_up()
    (checkout.root / ".venv" / "synced").write_text("of the other folder")
    config = checkout.root / ".venv" / "pyvenv.cfg"
    config.write_text(f"command = /usr/bin/python3 -m venv {before.format(root=checkout.root)}\n")

    assert "-m venv" in checkout.set_up()[0]
    assert checkout.set_up() == []


def test_a_link_to_another_venv_is_replaced(checkout: Checkout) -> None:
    """The other one is not changed."""
    other = checkout.root / "other"
    other.mkdir()
    (other / "pyvenv.cfg").write_bytes(b"x = \xff\n")
    (checkout.root / ".venv").symlink_to(other)

    assert "-m venv" in checkout.set_up()[0]
    assert not (checkout.root / ".venv").is_symlink()
    assert [path.name for path in other.iterdir()] == ["pyvenv.cfg"]


def test_pip_is_used_if_uv_fails(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mirror may be in the settings of pip only. Hashes are still required."""
    checkout.failing = "sync"

    fallback = checkout.set_up()[-2]

    assert "-m pip" in fallback
    assert "--require-hashes -r" in fallback
    assert fallback.endswith("requirements.lock")


def test_a_failed_installation_prints_one_message(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """It has the failed command and what to do. The exit code is 1, and .venv is not regarded as complete."""
    checkout.failing = "bootstrap.lock"

    assert checkout.module.main() == 1
    said = capsys.readouterr().err
    assert "bootstrap.lock` failed (exit 1), its reason is above; check the network" in said
    assert "Traceback" not in said
    assert not (checkout.root / ".venv" / "synced").exists()


def test_rejects_an_old_python(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before any command."""
    monkeypatch.setattr(checkout.module, "OLDEST", (9, 0))

    assert checkout.module.main() == 1
    assert f"Python 9.0 or later is needed, and {sys.executable} is" in capsys.readouterr().err
    assert checkout.commands == []


def test_two_concurrent_setups_install_once(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """The second one prints that it waits, and then has nothing to do."""
    second = threading.Thread(target=checkout.module.main)
    waiting = threading.Event()
    say = checkout.module._say

    def heard(message: str) -> None:
        say(message)
        if "another process is setting up .venv" in message:
            waiting.set()

    def run(*command: object) -> None:
        if not second.ident:
            second.start()
            assert waiting.wait(10)
        checkout.run(*command)

    checkout.module._say = heard
    checkout.module._run = run
    assert checkout.module.main() == 0
    second.join(10)

    assert len(checkout.commands) == 4
