"""The supervisor. Real: processes. The parts are small shell programs."""

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from localcloud import supervisor as module
from localcloud.cloud import CLOUD_FILE
from localcloud.files import write_json
from localcloud.parts import Part, listens, refuses
from localcloud.supervisor import START_ATTEMPTS, STATUS_FILE, Supervisor, holder, lock
from tests.support.ports import free_port
from tests.support.processes import ended
from tests.support.supervisor import living_supervisor

DEADLINE_SECONDS = 20


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder as `control.start` creates it."""
    (tmp_path / "logs").mkdir()
    return tmp_path


def sleeper(name: str, state: Path, after: tuple[str, ...] = ()) -> Part:
    """Return a part that writes its pid, is then ready, and runs until it is stopped."""
    mark = state / f"{name}.pid"
    return Part(
        name=name,
        argv=["sh", "-c", f"echo $$ > {mark}; exec sleep 1000"],
        ready=lambda: mark.exists() and mark.read_text().strip() != "",
        after=after,
    )


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, or fail."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not condition():  # noqa: ASYNC110 - another process cannot set an event
            await asyncio.sleep(0.02)


def parts_of(state: Path) -> dict[str, dict[str, object]]:
    """Return the parts in status.json."""
    record = json.loads((state / STATUS_FILE).read_text())
    return dict(record["parts"])


async def stop(task: asyncio.Task[int]) -> int:
    """Stop a supervisor as `drydock down` does."""
    os.kill(os.getpid(), signal.SIGTERM)
    return await task


async def test_starts_a_part_only_after_those_it_needs(state: Path) -> None:
    """`second` finds the file of `first`, and the callback runs when both are ready."""
    announced: list[str] = []
    second = Part(
        name="second",
        argv=["sh", "-c", f"test -s {state}/first.pid && touch {state}/ordered; exec sleep 1000"],
        ready=(state / "ordered").exists,
        after=("first",),
    )
    supervisor = Supervisor(state, [sleeper("first", state), second], on_ready=lambda: announced.append("ready"))
    task = asyncio.create_task(supervisor.run())
    await until(lambda: announced == ["ready"])

    assert (state / "ordered").exists()
    assert await stop(task) == 0


async def test_restarts_a_part_that_was_killed(state: Path) -> None:
    """After kill -9 the part runs with another pid, and the restart is counted."""
    announced: list[str] = []
    supervisor = Supervisor(state, [sleeper("one", state)], on_ready=lambda: announced.append("ready"))
    task = asyncio.create_task(supervisor.run())
    await until(lambda: announced == ["ready"])
    first = int((state / "one.pid").read_text())
    (state / "one.pid").unlink()
    os.kill(first, signal.SIGKILL)
    await until(lambda: (state / "one.pid").exists() and bool(parts_of(state)["one"]["ready"]))

    assert int((state / "one.pid").read_text()) != first
    assert parts_of(state)["one"]["restarts"] == 1
    assert await stop(task) == 0


LINGERING = """
import os, pathlib, signal, socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[2])))
signal.signal(signal.SIGTERM, lambda *_: server.close())
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
while True:
    signal.pause()
"""


async def test_restarts_a_part_that_stops_listening_but_runs(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An API server does so after SIGTERM. The part is not ready from then on, is ended, and restarted."""
    monkeypatch.setattr(module, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(module, "STOP_SECONDS", 0.5)
    port, mark, seen = free_port(), state / "one.pid", []
    part = Part(
        name="one",
        argv=[sys.executable, "-c", LINGERING, str(mark), str(port)],
        ready=listens(port),
        is_stopping=refuses(port),
    )
    monkeypatch.setattr(module, "write_json", lambda path, value: (seen.append(value), write_json(path, value)))
    task = asyncio.create_task(Supervisor(state, [part], on_ready=lambda: None).run())
    await until(lambda: (state / STATUS_FILE).exists() and bool(parts_of(state)["one"]["ready"]))
    first = int(mark.read_text())
    os.kill(first, signal.SIGTERM)
    await until(lambda: parts_of(state)["one"]["restarts"] == 1 and bool(parts_of(state)["one"]["ready"]))

    assert {"pid": first, "ready": False, "restarts": 0} in [each["parts"]["one"] for each in seen[2:]]
    assert int(mark.read_text()) != first
    assert await stop(task) == 0


TRAPPING = """
import pathlib, signal, sys
received = pathlib.Path(sys.argv[1])
signal.signal(signal.SIGTERM, lambda *_: received.write_text("SIGTERM"))
signal.signal(signal.SIGQUIT, lambda *_: (received.write_text("SIGQUIT"), sys.exit(0)))
received.write_text("ready")
while True:
    signal.pause()
"""


async def test_ends_all_parts_at_the_same_time_if_their_data_is_discarded(state: Path) -> None:
    """A part gets its discard signal, or is killed without one; no order is kept."""

    def trapping(name: str, **options: Any) -> Part:
        received = state / name
        argv = [sys.executable, "-c", TRAPPING, str(received)]
        return Part(name=name, argv=argv, ready=lambda: received.exists() and received.read_text() != "", **options)

    parts = [trapping("database", discard_signal=signal.SIGQUIT), trapping("client", after=("database",))]
    announced: list[str] = []
    task = asyncio.create_task(Supervisor(state, parts, on_ready=lambda: announced.append("ready")).run())
    await until(lambda: announced == ["ready"])
    client = int(str(parts_of(state)["client"]["pid"]))
    os.kill(os.getpid(), module.DISCARD)

    assert await task == 0
    assert (state / "database").read_text() == "SIGQUIT"
    assert (state / "client").read_text() == "ready"
    assert not psutil.pid_exists(client)


async def test_gives_up_a_part_that_never_starts(state: Path) -> None:
    """The exit code is 1, and the status names the part."""
    broken = Part(name="broken", argv=["sh", "-c", "exit 7"], ready=lambda: False)
    async with asyncio.timeout(DEADLINE_SECONDS):
        code = await Supervisor(state, [broken], on_ready=lambda: None).run()

    assert code == 1
    failed = json.loads((state / STATUS_FILE).read_text())["failed"]
    assert failed == f"broken ended {START_ATTEMPTS} times, last with code 7"


async def test_recovered_kills_do_not_count_as_failed_starts(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that was ready after each kill is not given up because of one failed start."""
    monkeypatch.setattr(module, "FIRST_RESTART_SECONDS", 0.01)
    monkeypatch.setattr(module, "LONGEST_RESTART_SECONDS", 0.01)
    mark, runs = state / "one.pid", state / "runs"
    script = (
        f"echo run >> {runs}; [ $(wc -l < {runs}) = {START_ATTEMPTS + 1} ] && exit 3; echo $$ > {mark}; exec sleep 99"
    )
    part = Part(name="one", argv=["sh", "-c", script], ready=lambda: mark.exists() and mark.read_text().strip() != "")
    supervisor = Supervisor(state, [part], on_ready=lambda: None)
    task = asyncio.create_task(supervisor.run())
    for count in range(START_ATTEMPTS):
        await until(lambda: (state / STATUS_FILE).exists() and bool(parts_of(state)["one"]["ready"]))
        pid = int(mark.read_text())
        mark.unlink()
        os.kill(pid, signal.SIGKILL)
        await until(lambda count=count: parts_of(state)["one"]["restarts"] > count)  # type: ignore[misc]
    await until(lambda: task.done() or bool(parts_of(state)["one"]["ready"]))

    assert not task.done()
    assert len(runs.read_text().splitlines()) == START_ATTEMPTS + 2
    assert await stop(task) == 0


async def test_gives_up_if_its_record_cannot_be_written(state: Path) -> None:
    """With a full disk, the start fails with the reason instead of waiting forever."""

    def on_ready() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with asyncio.timeout(DEADLINE_SECONDS):
        code = await Supervisor(state, [sleeper("one", state)], on_ready).run()

    assert code == 1
    assert "No space left" in json.loads((state / STATUS_FILE).read_text())["failed"]


async def test_gives_up_if_its_status_cannot_be_written(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A status without ready parts can be written, and has the reason."""

    def write(path: Path, value: Any) -> None:
        if any(part["ready"] for part in value["parts"].values()):
            raise OSError(errno.ENOSPC, "No space left on device")
        write_json(path, value)

    monkeypatch.setattr(module, "write_json", write)
    async with asyncio.timeout(DEADLINE_SECONDS):
        code = await Supervisor(state, [sleeper("one", state)], on_ready=lambda: None).run()

    assert code == 1
    assert "No space left" in json.loads((state / STATUS_FILE).read_text())["failed"]


def reluctant(name: str, state: Path, until_there: str, after: tuple[str, ...] = ()) -> Part:
    """Return a part that records SIGTERM, and ends when `until_there` holds as well."""
    begun, told = state / f"{name}.begun", state / f"{name}.told"
    end = f"trap 'touch {told}; until {until_there}; do sleep 0.02; done; touch {state}/{name}.ended; exit' TERM"
    return Part(
        name=name,
        argv=["sh", "-c", f"{end}; touch {begun}; while :; do sleep 0.02; done"],
        ready=begun.exists,
        after=after,
    )


async def test_a_stopping_cloud_is_not_ready(state: Path) -> None:
    """cloud.json is deleted and no part is ready as soon as the stop begins, long before the last part ends."""
    part = reluctant("one", state, f"[ -e {state}/let ]")
    task = asyncio.create_task(Supervisor(state, [part], on_ready=(state / CLOUD_FILE).touch).run())
    await until((state / CLOUD_FILE).exists)
    os.kill(os.getpid(), signal.SIGTERM)
    await until((state / "one.told").exists)

    assert not (state / CLOUD_FILE).exists()
    assert json.loads((state / STATUS_FILE).read_text())["stopping"]
    assert not parts_of(state)["one"]["ready"]
    (state / "let").touch()
    assert await task == 0


async def test_stops_independent_parts_together_before_the_part_they_need(state: Path) -> None:
    """Two parts that wait for each other both end; the part that they need is stopped afterwards."""
    base = reluctant("base", state, f"[ -e {state}/left.ended ] && [ -e {state}/right.ended ]")
    left = reluctant("left", state, f"[ -e {state}/right.told ] && [ ! -e {state}/base.told ]", after=("base",))
    right = reluctant("right", state, f"[ -e {state}/left.told ] && [ ! -e {state}/base.told ]", after=("base",))
    announced: list[str] = []
    task = asyncio.create_task(Supervisor(state, [base, left, right], lambda: announced.append("ready")).run())
    await until(lambda: announced == ["ready"])

    assert await stop(task) == 0
    assert all((state / f"{name}.ended").exists() for name in ("base", "left", "right"))


async def test_a_part_that_uses_another_starts_with_it_and_stops_first(state: Path) -> None:
    """It loads its modules while the other part starts, and may need the other part to stop cleanly."""
    begun = state / "client.begun"
    base = replace(reluctant("base", state, "true"), ready=begun.exists)
    client = replace(reluctant("client", state, f"[ -e {state}/let ]"), uses=("base",))
    announced: list[str] = []
    task = asyncio.create_task(Supervisor(state, [base, client], lambda: announced.append("ready")).run())
    await until(lambda: announced == ["ready"])
    os.kill(os.getpid(), signal.SIGTERM)
    await until((state / "client.told").exists)
    (state / "let").touch()

    assert await task == 0
    assert (state / "client.ended").stat().st_mtime_ns < (state / "base.told").stat().st_mtime_ns


@pytest.fixture
def owner() -> Iterator[subprocess.Popen[bytes]]:
    """A process that a cloud belongs to; after its end it is a zombie until it is waited for."""
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process
        process.kill()


async def test_stops_with_the_process_it_belongs_to(state: Path, owner: subprocess.Popen[bytes]) -> None:
    """It also stops if that process is a zombie, or ended before the start."""
    announced: list[str] = []
    supervisor = Supervisor(state, [sleeper("one", state)], lambda: announced.append("ready"), owner.pid)
    task = asyncio.create_task(supervisor.run())
    await until(lambda: announced == ["ready"])
    child = int((state / "one.pid").read_text())
    owner.kill()
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert await task == 0

    assert not psutil.pid_exists(child)
    owner.wait()
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert await Supervisor(state, [], lambda: None, owner.pid).run() == 0


async def test_stop_leaves_no_process(state: Path) -> None:
    """SIGTERM to the supervisor ends all parts."""
    announced: list[str] = []
    supervisor = Supervisor(state, [sleeper("one", state), sleeper("two", state)], lambda: announced.append("ready"))
    task = asyncio.create_task(supervisor.run())
    await until(lambda: announced == ["ready"])
    pids = [int((state / f"{name}.pid").read_text()) for name in ("one", "two")]

    assert await stop(task) == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_parts_end_with_a_killed_supervisor(state: Path) -> None:
    """kill -9 of the supervisor ends its parts."""
    program = (
        "import asyncio, pathlib\n"
        "from localcloud.supervisor import Supervisor\n"
        "from localcloud.parts import Part\n"
        f"state = pathlib.Path({str(state)!r})\n"
        f"argv = ['sh', '-c', 'echo $$ > {state}/one.pid; exec sleep 1000']\n"
        "part = Part(name='one', argv=argv, ready=lambda: True)\n"
        "asyncio.run(Supervisor(state, [part], lambda: None).run())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    mark = state / "one.pid"
    await until(lambda: mark.exists() and mark.read_text().strip() != "")
    child = int(mark.read_text())
    process.kill()
    await process.wait()

    await until(lambda: ended(child))


def test_only_one_supervisor_holds_a_state_folder(state: Path) -> None:
    """A second one gets the lock only after the end of the first, also by kill -9."""
    with living_supervisor(state):
        assert lock(state) is None

    second = lock(state)
    assert second is not None
    second.close()


def test_the_holder_is_the_running_process(state: Path) -> None:
    """A pid in the file from an earlier run is ignored."""
    (state / "supervisor.lock").write_text("1")
    assert holder(state) is None
    with living_supervisor(state) as process:
        assert holder(state) == process.pid
    assert holder(state) is None
