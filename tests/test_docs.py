"""The documentation is true: its tables come from the code, its links lead somewhere, its commands run."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.engine.places import ROOT
from localcloud import control
from tests.e2e.checkout import Checkout
from tests.support.tables import README, between, settings_table

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
# This very suite, which is what is running, and a build of ten minutes.
NOT_RUN_AGAIN = {"make test", "make check", "make unit", "make bench", "make providers", "make compare"}
# What `drydock doctor` calls optional: a line that uses one of them is run where the machine has it.
OPTIONAL_TOOLS = ("aws", "psql", "jq", "kubectl")
BLOCK_SECONDS = 600


def missing_tools() -> list[str]:
    """Those that this machine lacks."""
    return [tool for tool in OPTIONAL_TOOLS if shutil.which(tool) is None]


def blocks() -> Iterator[tuple[str, str]]:
    """Every shell block of the documentation, in the order of the pages, as (page, commands)."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text()):
            lines = [line for line in block.splitlines() if line.strip() and line.strip() not in NOT_RUN_AGAIN]
            lines = [line for line in lines if not any(tool in line.split() for tool in missing_tools())]
            yield page.name, "\n".join(lines)


def test_the_settings_table_is_that_of_the_code() -> None:
    """Write it anew with `python -m tests.support.tables`."""
    assert between(README.read_text(), "settings") == settings_table()


def test_the_component_table_names_each_component_and_its_file() -> None:
    """Every ComponentResource is in the README's table, and linked to the file that defines it."""
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\]\((components/\w+\.py)\) \|$", README.read_text(), re.MULTILINE))
    found = {
        name: f"components/{path.name}"
        for path in (ROOT / "components").glob("*.py")
        for name in re.findall(r"^class (\w+)\(pulumi\.ComponentResource\)", path.read_text(), re.MULTILINE)
    }

    assert len(found) >= 8
    assert rows == found


def test_the_real_output_is_there() -> None:
    """What the README shows was copied from a run, and is not an empty place."""
    for name in ("output: make up", "output: make bench"):
        assert between(README.read_text(), name).count("\n") > 3, name


def resources(stack: str) -> int:
    """How many resources a stack has: those of its recording, and the stack itself."""
    return len((ROOT / "tests" / "stacks" / "urns" / f"{stack}.txt").read_text().splitlines()) + 1


def created(output: str) -> set[int]:
    """The numbers of created resources that an `up` prints: as planned, and as done."""
    return {int(number) for number in re.findall(r"\b(\d+) create\b", output)}


def test_the_numbers_of_the_shown_outputs_are_those_of_the_stacks() -> None:
    """A resource that a component gains or loses makes what the README shows stale."""
    shown = between(README.read_text(), "output: make up")
    bench = between(README.read_text(), "output: make bench")

    assert created(shown) == {resources("local")}
    assert {int(number) for number in re.findall(r"(\d+) resources", bench)} == {resources("prod")}


def test_the_resources_of_the_shown_output_are_in_the_stack() -> None:
    """Each by its type and name, but for default providers, whose name is the version of their SDK."""
    lines = re.findall(r"^ *[\d.]+s \+ (\S+) +(\S+)$", between(README.read_text(), "output: make up"), re.MULTILINE)
    urns = (ROOT / "tests" / "stacks" / "urns" / "local.txt").read_text().splitlines()
    known = {(urn.split("::")[2].rpartition("$")[2], urn.rpartition("::")[2]) for urn in urns}

    assert len(lines) > 5
    assert {each for each in lines if not each[1].startswith("default_")} <= {
        *known,
        ("pulumi:pulumi:Stack", "drydock-local"),
    }


def test_the_command_table_names_each_command() -> None:
    """With its one row in the README, and nothing that is no command."""
    rows = re.findall(r"^\| `drydock ([\w-]+)", README.read_text(), re.MULTILINE)
    files = {path.stem for path in (ROOT / "infra" / "commands").glob("*.py")} - {"__init__", "arguments"}

    assert len(rows) == len(set(rows))
    assert {row.replace("-", "_") for row in rows} == files


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    """Relative links name what is in the checkout."""
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_make_targets_of_the_docs_exist() -> None:
    """Those that are not run again here."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert {command.removeprefix("make ") for command in NOT_RUN_AGAIN} <= targets


@pytest.mark.e2e
@pytest.mark.timeout(1800)
def test_every_command_of_the_docs_runs(tmp_path: Path) -> None:
    """On a clean copy, block after block, as a new user would paste them."""
    checkout = Checkout(tmp_path)
    for name in ("Makefile", "requirements.lock", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    path = os.pathsep.join([str(tmp_path / ".venv" / "bin"), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}
    environment.pop("VIRTUAL_ENV", None)
    try:
        for page, commands in blocks():
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", commands],
                cwd=tmp_path,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=BLOCK_SECONDS,
                check=False,
            )
            assert done.returncode == 0, f"{page}:\n{commands}\n{done.stdout}\n{done.stderr}"
            if "make up" in commands.splitlines():
                assert created(done.stderr) == created(between(README.read_text(), "output: make up"))
    finally:
        control.stop(checkout.state)
