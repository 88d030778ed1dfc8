"""Every command with a stack refuses a wrong name before anything starts, with one message and exit code 2."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from infra import cli
from infra.engine import places, session
from infra.engine.places import ROOT
from infra.errors import InputError
from stacks.names import Names
from stacks.settings import SettingsError

COMMANDS = [
    "up",
    "preview",
    "diff",
    "guard",
    "rehearse",
    "down",
    "refresh",
    "status",
    "outputs",
    "env",
    "policy",
    "reach",
    "doctor",
    "cost",
]
WRONG = ["Prod", "a--b", "a" * 40, "-a", "a-", "1a", "a_b", "a.b", "é", "../prod", "/etc/passwd", "a/b", "", " ", "a b"]
WRONG += ["prod\n", "a\nb", "--json", "--", "-", ".", "..", "*", "prod.yaml", "prod ", "\x00", "\u0663", "\U0001d4b6"]

names = st.one_of(st.sampled_from(WRONG), st.text("abz09-A_./ \né", max_size=34))


def is_right(name: str) -> bool:
    """Return whether a name has at most 30 lower case letters, digits and single hyphens, and begins with a letter."""
    parts = name.split("-")
    letters = set("abcdefghijklmnopqrstuvwxyz")
    return all(parts) and set(name) <= letters | set("0123456789-") and name[0] in letters and len(name) <= 30


def run(*arguments: str) -> None:
    """Run a command in this process, as `main` does."""
    cli.app(list(arguments), prog_name="drydock", standalone_mode=False)


@pytest.fixture(scope="module", autouse=True)
def checkout() -> Iterator[Path]:
    """A folder of stack files; the test fails if a process is started or a state folder is created."""
    for command in cli.COMMANDS:  # before the patches: a module that is imported later would keep them
        cli.function(command)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:

        def start(*_arguments: object, **_options: object) -> None:
            raise AssertionError("a process was started")

        patch.setattr(places, "ROOT", Path(folder))
        patch.setattr(session, "STATE", Path(folder) / "state")
        patch.setattr(subprocess.Popen, "__init__", start)
        yield Path(folder)
        assert not (Path(folder) / "state").exists()


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(COMMANDS), names.filter(lambda name: not is_right(name)))
@example("rehearse", "Prod")
@example("policy", "a--b")
@example("up", "a" * 40)
@example("status", "../../etc/passwd")
def test_refuses_a_wrong_name_even_with_a_file(checkout: Path, command: str, name: str) -> None:
    """The message is one line that describes accepted names."""
    path = checkout / f"Pulumi.{name}.yaml"
    can_be_a_file = "/" not in name and "\x00" not in name
    if can_be_a_file:
        shutil.copy(ROOT / "Pulumi.dev.yaml", path)
    with pytest.raises(InputError) as caught:
        run(command, "--", name)
    if can_be_a_file:
        path.unlink()

    text = str(caught.value)
    assert caught.value.exit_code == 2
    assert "not a valid name of an environment; use lower case letters, digits and single hyphens" in text
    assert text.isprintable()


@settings(deadline=None, max_examples=80)
@given(names)
def test_the_program_and_the_command_accept_the_same_names(name: str) -> None:
    """The official CLI runs only the program, so the name is checked there too."""
    refusals = []
    for check in (Names, places.stack_file):
        try:
            check(name)
        except (SettingsError, InputError) as error:
            refusals.append(str(error))
    wrong = [text for text in refusals if "not a valid name of an environment" in text]

    assert len(wrong) == (0 if is_right(name) else 2)
    assert len(set(wrong)) <= 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_without_a_file_lists_the_stacks(checkout: Path, command: str) -> None:
    """The message suggests a similar name."""
    shutil.copy(ROOT / "Pulumi.prod.yaml", checkout)
    with pytest.raises(InputError, match=r"^prdo: no such stack, did you mean prod\?; there are prod\."):
        run(command, "prdo")


@pytest.mark.parametrize(
    "arguments",
    [["policy", "prod", "Prod"], ["policy", "Prod", "prod"], ["down", "--keep-data", "Prod"], ["up", "--yes", "Prod"]],
)
def test_checks_all_names_before_anything_starts(checkout: Path, arguments: list[str]) -> None:
    """A right name before a wrong one starts nothing."""
    shutil.copy(ROOT / "Pulumi.prod.yaml", checkout)
    with pytest.raises(InputError, match=r"^Prod: not a valid name of an environment"):
        run(*arguments)


def test_every_command_with_a_stack_is_in_the_list() -> None:
    """A new command has to be added to COMMANDS."""
    taking = [
        command.replace("-", "_")
        for command in cli.COMMANDS
        if re.search("stacks?", " ".join(cli.function(command).__annotations__))
    ]

    assert sorted(taking) == sorted(COMMANDS)
