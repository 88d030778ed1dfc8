"""All processes of a container end with it, whatever ends it. Real: processes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from localcloud.node.process import Process
from tests.support.processes import ended

# Leaves a process behind in one of several ways, prints its id, and then exits or stays, by its arguments.
PROGRAM = """
import os, signal, subprocess, sys, time
how, then = sys.argv[1:]
sleep = [
    sys.executable, "-S", "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)",
]
def ready(process):
    process.stdout.readline()
    return process.pid
if how == "child":
    pid = ready(subprocess.Popen(sleep, stdout=-1))
elif how == "session":
    pid = ready(subprocess.Popen(sleep, stdout=-1, start_new_session=True))
elif how == "without environment":
    pid = ready(subprocess.Popen(sleep, stdout=-1, start_new_session=True, env={}))
else:
    r, w = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.chdir("/")
        os.write(w, str(ready(subprocess.Popen(sleep, stdout=-1, env={}))).encode())
        os._exit(0)
    pid = int(os.read(r, 20))
    os.wait()
print(pid, flush=True)
if then == "exit":
    while not os.path.exists("exit"):
        time.sleep(0.01)
    sys.exit(3)
time.sleep(60)
"""
WAYS = ("child", "session", "without environment", "daemon")
# Stands for the node agent; the test kills it or its shim.
AGENT = """
import asyncio, os, pathlib, sys
from localcloud.node.process import Process, adopt_orphans
async def main():
    adopt_orphans()
    output = os.open("log", os.O_WRONLY | os.O_CREAT)
    command = [sys.executable, "-c", sys.argv[1], *sys.argv[2:]]
    process = await Process.start(command, env=dict(os.environ), cwd=pathlib.Path.cwd(), output=output)
    print(process._popen.pid, process.pid, flush=True)
    print(await process.wait(), flush=True)
asyncio.run(main())
"""


async def started(tmp_path: Path, how: str, then: str) -> tuple[Process, psutil.Process]:
    """Start the program under a shim; return both the shim and the process that it leaves behind."""
    with (tmp_path / "log").open("wb") as log:
        process = await Process.start(
            [sys.executable, "-S", "-c", PROGRAM, how, then], env=dict(os.environ), cwd=tmp_path, output=log.fileno()
        )
    return process, psutil.Process(await asyncio.to_thread(printed, tmp_path / "log"))


def printed(log: Path) -> int:
    """Return the id that the program has printed."""
    deadline = time.monotonic() + 20
    while not (log.exists() and log.read_bytes().endswith(b"\n")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return int(log.read_bytes())


def await_gone(process: psutil.Process) -> None:
    """Wait until a process has ended, or fail."""
    deadline = time.monotonic() + 20
    while not ended(process):
        assert time.monotonic() < deadline, process
        time.sleep(0.01)


@pytest.mark.parametrize("how", WAYS)
async def test_processes_left_behind_end_with_the_container(tmp_path: Path, how: str) -> None:
    """They have ended before the exit code, which is that of the main process, is reported."""
    process, left = await started(tmp_path, how, "exit")
    (tmp_path / "exit").touch()

    assert await asyncio.wait_for(process.wait(), 20) == 3
    assert ended(left)
    assert not process.running


@pytest.mark.parametrize("how", WAYS)
async def test_a_kill_ends_all_processes(tmp_path: Path, how: str) -> None:
    """The exit code is 137, as after SIGKILL."""
    process, left = await started(tmp_path, how, "stay")
    process.kill()

    assert await asyncio.wait_for(process.wait(), 20) == 137
    assert ended(left)


async def test_a_signal_is_sent_to_the_main_process(tmp_path: Path) -> None:
    """Its exit code shows that it handled the signal."""
    code = "trap 'exit 5' TERM; echo 1; while :; do sleep 0.05; done"
    with (tmp_path / "log").open("wb") as log:
        process = await Process.start(["sh", "-c", code], env=dict(os.environ), cwd=tmp_path, output=log.fileno())
    await asyncio.to_thread(printed, tmp_path / "log")
    process.signal(signal.SIGTERM)

    assert await asyncio.wait_for(process.wait(), 20) == 5


@pytest.mark.parametrize("ends", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV])
async def test_the_exit_code_has_the_signal_that_ended_it(tmp_path: Path, ends: int) -> None:
    """It is 128 plus the number, as in container runtimes."""
    process = await Process.start(
        ["sh", "-c", f"kill -{ends} $$"], env=dict(os.environ), cwd=tmp_path, output=subprocess.DEVNULL
    )
    assert await asyncio.wait_for(process.wait(), 20) == 128 + ends


@pytest.mark.parametrize(
    ("program", "folder", "error"),
    [
        ("no-such-program", ".", FileNotFoundError),
        ("./file", ".", PermissionError),
        ("true", "none", FileNotFoundError),
    ],
)
async def test_reports_why_a_program_cannot_be_started(
    tmp_path: Path, program: str, folder: str, error: type[OSError]
) -> None:
    """The error is that of the kernel."""
    (tmp_path / "file").write_text("not executable")
    with pytest.raises(error):
        await Process.start([program], env=dict(os.environ), cwd=tmp_path / folder, output=subprocess.DEVNULL)


async def test_a_process_inherits_nothing_from_its_shim(tmp_path: Path) -> None:
    """It gets neither variables nor descriptors of the shim, and signals have their default handling."""
    code = (
        "import json, os, signal; print(json.dumps([dict(os.environ), sorted(os.listdir('/proc/self/fd'))[:-1],"
        " [signal.getsignal(n) == signal.SIG_DFL for n in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP)]]))"
    )
    with (tmp_path / "log").open("wb") as log:
        process = await Process.start(
            [sys.executable, "-S", "-c", code], env={"ONLY": "this"}, cwd=tmp_path, output=log.fileno()
        )
    assert await process.wait() == 0
    environment, descriptors, defaults = json.loads((tmp_path / "log").read_text())
    environment.pop("LC_CTYPE", None)  # set by Python
    assert environment == {"ONLY": "this"}
    assert descriptors == ["0", "1", "2"]
    assert defaults == [True] * 3


@pytest.mark.parametrize("how", ["child", "daemon"])
@pytest.mark.parametrize("victim", ["agent", "shim"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_survives_the_agent_or_the_shim(tmp_path: Path, how: str, victim: str, number: int) -> None:
    """Either of them is ended by a signal. This includes a daemon that left the session of the container."""
    agent = subprocess.Popen(
        [sys.executable, "-c", AGENT, PROGRAM, how, "stay"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    try:
        assert agent.stdout is not None
        shim, first = map(psutil.Process, map(int, agent.stdout.readline().split()))
        left = psutil.Process(printed(tmp_path / "log"))
        (agent if victim == "agent" else shim).send_signal(number)
        for process in (first, shim, left):
            await_gone(process)
        if victim == "shim":
            assert agent.stdout.readline() == b"137\n"
    finally:
        agent.kill()
        agent.wait()
