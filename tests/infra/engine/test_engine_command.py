"""The engine's process ends with the command that started it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from infra.engine.engine_command import EngineCommand
from localcloud import prctl

# Takes a moment to stop, as an engine does that writes its state first.
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
def test_the_engine_stops_whatever_ends_the_command(tmp_path: Path, number: int) -> None:
    """It is asked once; where the command can, it waits for the engine's end."""
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


def test_it_is_run_with_what_it_is_given(tmp_path: Path) -> None:
    """Arguments in order, the folder, the environment; its output comes back."""
    engine = tmp_path / "pulumi"
    engine.write_text('#!/bin/sh\necho "$@" "$PWD" "$GREETING"\n')
    engine.chmod(0o755)

    result = EngineCommand(engine).run(["up", "--", "x"], str(tmp_path), {"GREETING": "hello"})

    assert result.stdout == f"--non-interactive up -- x {tmp_path} hello"


def test_a_launcher_whose_parent_is_gone_starts_nothing(tmp_path: Path) -> None:
    """The kernel does not report an end that it was asked about too late."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", prctl.__file__, "1", "/bin/touch", tmp_path / "made"], check=False
    )

    assert done.returncode == 1
    assert not (tmp_path / "made").exists()
