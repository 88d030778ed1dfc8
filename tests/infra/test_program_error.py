"""Errors of the Pulumi program, from real tracebacks of modules that a test writes."""

import runpy
import traceback
from pathlib import Path

import pytest

from infra.program_error import ROOT, UNHANDLED, shortened

PREFIX = "python inline source runtime error: it failed\n"


def trace_of(path: Path, source: str) -> str:
    """Run a module, and return the traceback of its error."""
    path.write_text(source)
    try:
        runpy.run_path(str(path))
    except Exception as error:
        without_this_module = error.__traceback__ and error.__traceback__.tb_next
        return "".join(traceback.format_exception(error.with_traceback(without_this_module)))
    raise AssertionError(f"{path} has no error")


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import nothing\n", ["{path}, line 1: import nothing", "ModuleNotFoundError: No module named 'nothing'"]),
        (
            "def a():\n    return {}['x'] + 1\n\na()\n",
            ["{path}, line 4: a()", "{path}, line 2: return {}['x'] + 1", "KeyError: 'x'"],
        ),
        ("raise ValueError('one\\n\\ntwo')\n", ["{path}, line 1: raise ValueError('one\\n\\ntwo')", "ValueError: one"]),
        (
            "try:\n    1 / 0\nexcept ArithmeticError:\n    raise ValueError('last') from None\n",
            ["{path}, line 4: raise ValueError('last') from None", "ValueError: last"],
        ),
        (
            "try:\n    1 / 0\nexcept ArithmeticError as error:\n    raise ValueError('last') from error\n",
            ["{path}, line 4: raise ValueError('last') from error", "ValueError: last"],
        ),
        ("def broken(:\n", ["{path}, line 1: def broken(:", "SyntaxError: invalid syntax"]),
        ("exec('raise OSError(3)')\n", ["{path}, line 1: exec('raise OSError(3)')", "OSError: 3"]),
    ],
)
def test_shows_the_frames_of_the_program_and_the_exception(tmp_path: Path, source: str, lines: list[str]) -> None:
    """Those of Python and of installed packages are left out, and those of an exception that is handled."""
    path = tmp_path / "program.py"
    expected = "\n  ".join(line.replace("{path}", str(path)) for line in lines)

    for message in (PREFIX + trace_of(path, source), UNHANDLED + PREFIX + trace_of(path, source)):
        assert shortened(message).startswith(expected)
        assert shortened(message).endswith("two" if "two" in source else lines[-1])


def test_names_files_of_this_repository_from_its_root(tmp_path: Path) -> None:
    """The path is the one that a reader of the repository knows."""
    text = trace_of(tmp_path / "program.py", "1 / 0\n").replace(str(tmp_path), f"{ROOT}/components")

    assert shortened(PREFIX + text).startswith("components/program.py, line 1: 1 / 0\n")


def test_shows_only_the_exception_without_a_frame_of_the_program(tmp_path: Path) -> None:
    """An error in a package is one line."""
    text = trace_of(tmp_path / "program.py", "1 / 0\n").replace(str(tmp_path), "/venv/site-packages/pulumi")

    assert shortened(PREFIX + text) == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    "message", ["adminRoles: wrong", "two\n  lines", "Traceback (most recent call last):\n  File\n"]
)
def test_leaves_other_messages_unchanged(message: str) -> None:
    """A message without a traceback is only stripped."""
    assert shortened(f"{message}\n") == message.strip()
    assert shortened(f"{UNHANDLED}{message}\n") == message.strip()
