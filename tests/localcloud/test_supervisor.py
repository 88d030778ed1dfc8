"""The supervisor on parts that are small shell programs."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from localcloud.parts import Part
from localcloud.supervisor import START_ATTEMPTS, STATUS_FILE, Supervisor, lock

DEADLINE_SECONDS = 20


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder as `control.start` leaves it."""
    (tmp_path / "logs").mkdir()
    return tmp_path


def sleeper(name: str, state: Path, after: tuple[str, ...] = ()) -> Part:
    """A part that notes its pid, is then ready, and runs until it is stopped."""
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
    """The parts as status.json tells them."""
    record = json.loads((state / STATUS_FILE).read_text())
    return dict(record["parts"])


async def stop(task: asyncio.Task[int]) -> int:
    """Stop a supervisor as `drydock down` does."""
    os.kill(os.getpid(), signal.SIGTERM)
    return await task


async def test_starts_a_part_only_after_those_it_needs(state: Path) -> None:
    """`second` finds the mark of `first`, and the announcement comes when both are ready."""
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
    """After kill -9 the part is back with another pid, and the restart is counted."""
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


async def test_gives_up_a_part_that_never_starts(state: Path) -> None:
    """The run ends with 1 and the status names the part."""
    broken = Part(name="broken", argv=["sh", "-c", "exit 7"], ready=lambda: False)
    async with asyncio.timeout(DEADLINE_SECONDS):
        code = await Supervisor(state, [broken], on_ready=lambda: None).run()

    assert code == 1
    failed = json.loads((state / STATUS_FILE).read_text())["failed"]
    assert failed == f"broken ended {START_ATTEMPTS} times, last with code 7"


async def test_stop_leaves_no_process(state: Path) -> None:
    """SIGTERM to the supervisor ends what it started."""
    announced: list[str] = []
    supervisor = Supervisor(state, [sleeper("one", state), sleeper("two", state)], lambda: announced.append("ready"))
    task = asyncio.create_task(supervisor.run())
    await until(lambda: announced == ["ready"])
    pids = [int((state / f"{name}.pid").read_text()) for name in ("one", "two")]

    assert await stop(task) == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_children_die_with_a_killed_supervisor(state: Path) -> None:
    """kill -9 of the supervisor's process takes its parts along."""
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

    await until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


def test_only_one_supervisor_holds_a_state_folder(state: Path) -> None:
    """The second one gets no lock; it gets it once the first is gone."""
    first = lock(state)
    assert first is not None
    assert (state / "supervisor.lock").read_text() == str(os.getpid())

    assert lock(state) is None
    first.close()
    second = lock(state)
    assert second is not None
    second.close()
