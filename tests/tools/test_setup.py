"""The set-up of .venv: once, again when its locks change, and after an interrupt; nothing is installed here."""

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
    """A checkout whose commands are written down, and do nothing but make a .venv."""

    def __init__(self, root: Path, module: ModuleType) -> None:
        self.root = root
        self.module = module
        self.commands: list[str] = []
        self.failing: str | None = None
        self.interrupted: str | None = None

    def run(self, *command: object) -> None:
        """What stands for running a command."""
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

    def set_up(self) -> list[str]:
        """Return the commands of one run that ends well."""
        self.commands.clear()
        assert self.module.main() == 0
        return list(self.commands)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checkout]:
    """A bare clone."""
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


def test_everything_installed_is_checked_against_its_hash(checkout: Checkout) -> None:
    """The installer, the dependencies; the project itself is built by what the lock brought."""
    venv, bootstrap, sync, editable = checkout.set_up()

    assert venv.endswith(f"-m venv {checkout.root}/.venv")
    assert "--require-hashes -r" in bootstrap
    assert "sync" in sync
    assert "--require-hashes" in sync
    assert "--no-deps --no-build-isolation --editable" in editable


def test_a_second_run_runs_nothing(checkout: Checkout) -> None:
    """It costs a few hundredths of a second."""
    checkout.set_up()

    assert checkout.set_up() == []


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml", "tools/bootstrap.lock"])
def test_a_changed_lock_is_installed_into_the_same_venv(checkout: Checkout, changed: str) -> None:
    """Once more, and once only."""
    checkout.set_up()
    (checkout.root / changed).write_text("changed")

    assert [command for command in checkout.set_up() if "-m venv" in command] == []
    assert checkout.set_up() == []


@pytest.mark.parametrize("step", ["bootstrap.lock", "sync", "--editable"])
def test_an_interrupted_run_is_taken_up_again(checkout: Checkout, step: str) -> None:
    """Whatever it was at, the next run does not take .venv for whole."""
    checkout.interrupted = step
    assert checkout.module.main() == 130
    checkout.interrupted = None

    assert any(step in command for command in checkout.set_up())


def test_an_interrupted_update_is_taken_up_again(checkout: Checkout) -> None:
    """Neither the old lock nor the new one is installed by then."""
    checkout.set_up()
    old = (checkout.root / "requirements.lock").read_text()
    (checkout.root / "requirements.lock").write_text("changed")
    checkout.interrupted = "sync"
    assert checkout.module.main() == 130
    checkout.interrupted = None
    (checkout.root / "requirements.lock").write_text(old)

    assert checkout.set_up() != []


def test_a_venv_that_does_not_run_is_made_anew(checkout: Checkout) -> None:
    """Its making was interrupted, or the Python it was made with is gone."""
    checkout.set_up()
    (checkout.root / ".venv" / "bin" / "python").unlink()

    assert "-m venv" in checkout.set_up()[0]


def test_pip_steps_in_where_uv_gets_nothing(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mirror may be named in pip's settings only; hashes are required all the same."""
    checkout.failing = "sync"

    fallback = checkout.set_up()[-2]

    assert "-m pip" in fallback
    assert "--require-hashes -r" in fallback
    assert fallback.endswith("requirements.lock")


def test_a_failed_installation_is_one_message(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """What failed and what to do; exit 1, and nothing that is taken for whole."""
    checkout.failing = "bootstrap.lock"

    assert checkout.module.main() == 1
    said = capsys.readouterr().err
    assert "bootstrap.lock` failed (exit 1), its reason is above; check the network" in said
    assert "Traceback" not in said
    assert not (checkout.root / ".venv" / "synced").exists()


def test_rejects_an_old_python(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is made."""
    monkeypatch.setattr(checkout.module, "OLDEST", (9, 0))

    assert checkout.module.main() == 1
    assert f"Python 9.0 or later is needed, and {sys.executable} is" in capsys.readouterr().err
    assert checkout.commands == []


def test_two_concurrent_setups_install_once(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """The second one waits, says so, and finds it done."""
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
