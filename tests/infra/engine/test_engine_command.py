"""The engine's process ends with the command that started it. Real: processes. A script stands for the engine."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from infra.engine.engine_command import EngineCommand
from localcloud import prctl

# Handles SIGTERM before it ends, as the engine does to write its state.
ENGINE = """#!/bin/sh
trap 'echo stopped > stopped; exit 0' TERM
echo $$ > pid.draft && mv pid.draft pid
i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done
"""
COMMAND = """
import pathlib, signal, sys
from infra.engine.engine_command import EngineCommand
signal.signal(signal.SIGTERM, signal.default_int_handler)
EngineCommand(pathlib.Path("pulumi").resolve()).run(["up"], ".", {})
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_engine_stops_when_a_signal_ends_the_command(tmp_path: Path, number: int) -> None:
    """The engine gets one SIGTERM. Unless it is killed itself, the command waits for the engine's end."""
    engine = tmp_path / "pulumi"
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    command = subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    while not (tmp_path / "pid").exists():
        assert command.poll() is None
    process = psutil.Process(int((tmp_path / "pid").read_text()))
    command.send_signal(number)
    command.wait(20)

    if number == signal.SIGKILL:
        process.wait(20)
    assert not process.is_running()
    assert (tmp_path / "stopped").read_text() == "stopped\n"


def test_passes_arguments_folder_and_environment(tmp_path: Path) -> None:
    """The engine gets them unchanged, and its output is returned."""
    engine = tmp_path / "pulumi"
    engine.write_text('#!/bin/sh\necho "$@" "$PWD" "$GREETING"\n')
    engine.chmod(0o755)

    result = EngineCommand(engine).run(["up", "--", "x"], str(tmp_path), {"GREETING": "hello"})

    assert result.stdout == f"--non-interactive up -- x {tmp_path} hello"


def test_the_launcher_starts_nothing_if_its_parent_has_ended(tmp_path: Path) -> None:
    """prctl(2) does not report the end of a parent that ended before the call."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", prctl.__file__, "1", "/bin/touch", tmp_path / "made"], check=False
    )

    assert done.returncode == 1
    assert not (tmp_path / "made").exists()


# On a system without prctl(2) the launcher polls its parent.
WATCHING = "import sys; from localcloud import prctl; prctl._libc = object(); prctl._main(sys.argv[1], sys.argv[2:])"
PARENT = """
import os, subprocess, sys
sys.exit(subprocess.run([sys.executable, "-c", sys.argv[1], str(os.getpid()), *sys.argv[2:]]).returncode)
"""


def watching(tmp_path: Path, engine: str) -> "subprocess.Popen[bytes]":
    """Start a parent that starts the engine with the launcher for systems without prctl(2)."""
    path = tmp_path / "pulumi"
    path.write_text(engine)
    path.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    return subprocess.Popen([sys.executable, "-c", PARENT, WATCHING, str(path)], cwd=tmp_path, env=environment)


def test_without_prctl_the_engine_stops_when_the_command_is_killed(tmp_path: Path) -> None:
    """The launcher checks its parent every second."""
    parent = watching(tmp_path, ENGINE)
    while not (tmp_path / "pid").exists():
        assert parent.poll() is None
    engine = psutil.Process(int((tmp_path / "pid").read_text()))

    parent.kill()
    engine.wait(20)

    assert (tmp_path / "stopped").read_text() == "stopped\n"


def test_without_prctl_the_launcher_forwards_sigterm(tmp_path: Path) -> None:
    """The launcher ends after the engine, with its exit code."""
    parent = watching(tmp_path, ENGINE)
    while not (tmp_path / "pid").exists():
        assert parent.poll() is None
    [launcher] = psutil.Process(parent.pid).children()

    launcher.terminate()

    assert parent.wait(20) == 0
    assert (tmp_path / "stopped").read_text() == "stopped\n"


def test_without_prctl_the_launcher_returns_the_exit_code_of_the_engine(tmp_path: Path) -> None:
    assert watching(tmp_path, "#!/bin/sh\nexit 7\n").wait(20) == 7
