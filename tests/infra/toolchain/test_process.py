"""The process of a tool: its output is passed on line by line, and it ends with its caller."""

import os
from pathlib import Path

import psutil
import pytest

from infra.toolchain import process as module
from infra.toolchain.process import follow


def shell(script: str, folder: Path, on_line: object, tick: object = lambda: None) -> int:
    """Run a shell script and pass on its output."""
    return follow(["/bin/sh", "-c", script], folder=folder, env=os.environ, on_line=on_line, tick=tick)  # type: ignore[arg-type]


def test_passes_on_every_line_of_both_streams_and_the_exit_code(tmp_path: Path) -> None:
    """Tools print their failures on stderr."""
    lines: list[str] = []

    status = shell("echo out; echo err >&2; pwd; exit 3", tmp_path, lines.append)

    assert status == 3
    assert lines == ["out", "err", str(tmp_path)]


def test_ticks_while_nothing_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linking prints nothing for half a minute, while the displayed time has to advance."""
    monkeypatch.setattr(module, "TICK", 0.01)
    release = tmp_path / "release"
    ticks: list[None] = []

    def tick() -> None:
        ticks.append(None)
        if len(ticks) == 5:
            release.touch()

    shell("while [ ! -e release ]; do sleep 0.01; done", tmp_path, pytest.fail, tick)

    assert len(ticks) >= 5


@pytest.mark.parametrize("trap", ["", "trap '' TERM; "])
def test_an_interrupt_ends_the_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trap: str) -> None:
    """A process that ignores SIGTERM is killed."""
    monkeypatch.setattr(module, "STOP_WITHIN", 0.5)
    started: list[int] = []

    def interrupt(line: str) -> None:
        started.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shell(f"{trap}echo $$; while true; do sleep 0.05; done", tmp_path, interrupt)

    assert not psutil.pid_exists(started[0])
