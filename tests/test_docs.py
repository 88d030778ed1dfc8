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
# This very suite; it is what is running.
NOT_RUN_AGAIN = {"make test", "make check", "make unit", "make bench"}
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
    finally:
        control.stop(checkout.state)
