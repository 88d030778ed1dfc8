"""Failures of the command line: one message, and an exit code by the kind of failure."""

import subprocess
import sys

import pytest

from infra import cli
from infra.engine.places import ROOT
from infra.errors import InputError, OperationError
from localcloud.errors import CloudError


def drydock(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the real command."""
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


class LeftError(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize(
    ("failure", "code", "message"),
    [
        (InputError("wrong"), 2, "error: wrong"),
        (OperationError("failed"), 1, "error: failed"),
        (CloudError("part died"), 1, "error: part died"),
        (OSError(28, "No space left on device", "/x"), 1, "error: /x: the disk is full; "),
        (OSError(30, "Read-only file system", "/x"), 1, "error: /x: the file system is read-only; "),
        (KeyboardInterrupt(), 130, "error: interrupted; "),
        (ValueError("surprise"), 1, "error: ValueError: surprise (a bug; "),
    ],
)
def test_each_failure_is_one_message(
    failure: BaseException,
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each kind of failure has its exit code, and no traceback is printed."""

    def fail(*_arguments: object, **_options: object) -> None:
        raise failure

    def leave(code: int) -> None:
        raise LeftError(code)

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setattr(cli, "_leave", leave)
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)
    monkeypatch.setattr(cli.threading, "excepthook", cli.threading.excepthook)
    monkeypatch.setattr(sys, "argv", ["drydock", "up", "local"])
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(LeftError) as left:
        cli.main()

    assert left.value.args == (code,)
    stderr = capsys.readouterr().err
    assert stderr.startswith(message)
    assert stderr.count("\n") == 1


def test_an_unknown_command_is_wrong_input() -> None:
    """Exit code 2, and the message names the command."""
    done = drydock("upp")

    assert done.returncode == 2
    assert done.stderr.startswith("error: No such command 'upp'")


def test_no_command_shows_the_help() -> None:
    """The exit code is 0."""
    done = drydock()

    assert done.returncode == 0
    assert "rehearse" in done.stdout


def test_accepts_debug_after_the_command() -> None:
    """The traceback is printed before the message."""
    done = drydock("up", "nope", "--debug")

    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: nope: no such stack")


@pytest.mark.parametrize(
    "package",
    [
        "components",
        "pulumi_aws",
        "pulumi_kubernetes",
        "moto",
        "psycopg",
        "infra.program",
        "infra.policy.rules.registered",
        "localcloud.aws.judge",
        "infra.commands.cost",
    ],
)
def test_the_command_line_does_not_import_the_program(package: str) -> None:
    """Its SDKs take a second to import; they are imported while the engine starts, and only if needed."""
    code = f"import sys; import infra.cli; infra.cli.function('preview'); sys.exit({package!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
