"""Tools on PATH, and whether their versions are accepted."""

import pytest

from infra.toolchain import find as module
from infra.toolchain.find import find
from infra.toolchain.tools import Tool
from tests.infra.toolchain.conftest import Bench

TOOL = Tool(name="engine", purpose="a test", minimum=(3, 10, 0), below=(4, 0, 0))


def test_finds_nothing_on_an_empty_path(bench: Bench) -> None:
    """A missing tool is no error."""
    assert find(TOOL) is None


@pytest.mark.parametrize(("prints", "accepted"), [("v3.10.0", True), ("v3.9.9", False), ("v4.0.0", False)])
def test_checks_the_version_that_the_tool_prints(bench: Bench, prints: str, accepted: bool) -> None:
    """Too old and too new versions are found, but not accepted."""
    path = bench.tool("engine", prints)

    candidate = find(TOOL)

    assert candidate is not None
    assert (candidate.path, candidate.accepted) == (path, accepted)


@pytest.mark.parametrize(("prints", "exit_code"), [("v3.11.0", 1), ("nothing to say", 0)])
def test_rejects_a_tool_without_a_version(bench: Bench, prints: str, exit_code: int) -> None:
    """The shim of a tool that is not installed fails, or prints something else."""
    bench.tool("engine", prints, exit_code=exit_code)

    candidate = find(TOOL)

    assert candidate is not None
    assert (candidate.version, candidate.accepted) == (None, False)


def test_rejects_a_tool_that_hangs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool that prints no version in time is not accepted."""
    monkeypatch.setattr(module, "ANSWER_WITHIN", 0.1)
    bench.script("engine", "#!/bin/sh\nexec /bin/sleep 60\n")

    candidate = find(TOOL)

    assert candidate is not None
    assert candidate.accepted is False


def test_rejects_a_binary_for_another_machine(bench: Bench) -> None:
    """A file that this machine cannot execute is found, but not accepted."""
    bench.script("engine", "\x7fELF nothing of this machine")

    candidate = find(TOOL)

    assert candidate is not None
    assert candidate.accepted is False
