"""The policy pack's process ends with the engine that started it. Real: processes. A script stands for the engine."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from infra.engine.workspace import PLUGINS, POLICY_PACK

ARGUMENTS = ["-toolchain=pip", "-virtualenv=.venv", "127.0.0.1:1", "."]


@pytest.mark.parametrize("kill", [True, False], ids=["the engine is killed", "the engine closes its end"])
def test_a_pack_ends_with_its_engine(kill: bool, tmp_path: Path) -> None:
    """The pack's process ends if the engine is killed, and if it closes the pack's stdin."""
    engine = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys\n"
            "pack = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
            "print(pack.pid, pack.stdout.readline().decode().strip(), flush=True)\n"
            "sys.stdin.read()\n"
            "pack.stdin.close()\n"
            "pack.wait()\n",
            str(PLUGINS / "pulumi-analyzer-policy-python"),
            *ARGUMENTS,
        ],
        cwd=POLICY_PACK,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "DRYDOCK_PYTHON": sys.executable},
    )
    assert engine.stdin is not None
    assert engine.stdout is not None
    pid, port = map(int, engine.stdout.readline().split())
    descriptor = os.pidfd_open(pid)
    assert port > 0
    if kill:
        engine.kill()
    else:
        engine.stdin.close()
    assert select.select([descriptor], [], [], 10)[0]
    os.close(descriptor)
    engine.wait(10)
