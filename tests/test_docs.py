"""The documentation is true: its tables come from the code, its links lead somewhere, its commands run."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.engine.places import ROOT
from infra.toolchain import machine
from localcloud import control
from stacks.settings import read_stack_file
from tests.e2e.checkout import Checkout
from tests.support.tables import between

README, STARTED, MEASURED = (ROOT / name for name in ("README.md", "docs/local-cloud.md", "docs/figures.md"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
# This very suite, which is what is running, and a build of ten minutes.
NOT_RUN_AGAIN = {"make test", "make check", "make unit", "make bench", "make providers", "make compare"}
# What `drydock doctor` calls optional: a line that uses one of them is run where the machine has it.
OPTIONAL_TOOLS = ("aws", "psql", "jq", "kubectl")
BLOCK_SECONDS = 600


def missing_tools() -> list[str]:
    """Return those that this machine lacks."""
    return [tool for tool in OPTIONAL_TOOLS if shutil.which(tool) is None]


def blocks() -> Iterator[tuple[str, str]]:
    """Yield every shell block of the documentation, in the order of the pages, as (page, commands)."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text()):
            lines = [line for line in block.splitlines() if line.strip() and line.strip() not in NOT_RUN_AGAIN]
            lines = [line for line in lines if not any(tool in line.split() for tool in missing_tools())]
            yield page.name, "\n".join(lines)


def test_the_readme_is_short() -> None:
    """Details are in docs/; the README says what Drydock is and where to go next."""
    assert len(README.read_text().splitlines()) <= 150


def test_the_readme_asks_for_the_resources_that_doctor_asks_for() -> None:
    """Disk and memory, for the first start and for every other one."""
    first, other = re.findall(r"^\| (?:First|Every other) `make up` \| (.+) \|$", README.read_text(), re.MULTILINE)

    assert f"{machine.DISK_TO_BUILD:g} GiB of disk, {machine.MEMORY_TO_BUILD:g} GiB of memory" in first
    assert f"{machine.DISK_TO_RUN:g} GiB of disk, {machine.MEMORY_TO_RUN:g} GiB of memory" in other


def test_the_readme_names_the_url_of_the_local_stack() -> None:
    """As `make up` prints it."""
    assert read_stack_file(ROOT / "Pulumi.local.yaml").edge.http_port == 8080
    assert between(STARTED.read_text(), "output: make up").splitlines()[-2] in README.read_text()


def test_the_real_output_is_there() -> None:
    """What the docs show was copied from a run."""
    for page, name in ((STARTED, "output: make up"), (MEASURED, "output: make bench")):
        assert between(page.read_text(), name).count("\n") > 3, name


def resources(stack: str) -> int:
    """Return how many resources a stack has: those of its recording, and the stack itself."""
    return len((ROOT / "tests" / "stacks" / "urns" / f"{stack}.txt").read_text().splitlines()) + 1


def created(output: str) -> set[int]:
    """Return the numbers of created resources that an `up` prints: as planned, and as done."""
    return {int(number) for number in re.findall(r"\b(\d+) create\b", output)}


def test_the_numbers_of_the_shown_outputs_are_those_of_the_stacks() -> None:
    """A resource that a component gains or loses makes what the docs show stale."""
    shown = between(STARTED.read_text(), "output: make up")
    bench = between(MEASURED.read_text(), "output: make bench")

    assert created(shown) == {resources("local")}
    assert {int(number) for number in re.findall(r"(\d+) resources", bench)} == {resources("prod")}


def test_the_resources_of_the_shown_output_are_in_the_stack() -> None:
    """Each by its type and name, but for default providers, whose name is the version of their SDK."""
    lines = re.findall(r"^ *[\d.]+s \+ (\S+) +(\S+)$", between(STARTED.read_text(), "output: make up"), re.MULTILINE)
    urns = (ROOT / "tests" / "stacks" / "urns" / "local.txt").read_text().splitlines()
    known = {(urn.split("::")[2].rpartition("$")[2], urn.rpartition("::")[2]) for urn in urns}

    assert len(lines) > 5
    assert {each for each in lines if not each[1].startswith("default_")} <= {
        *known,
        ("pulumi:pulumi:Stack", "drydock-local"),
    }


def test_the_command_table_names_each_command() -> None:
    """With its one row in docs/commands.md, and nothing that is no command."""
    rows = re.findall(r"^\| `drydock ([\w-]+)", (ROOT / "docs" / "commands.md").read_text(), re.MULTILINE)
    files = {path.stem for path in (ROOT / "infra" / "commands").glob("*.py")} - {"__init__", "arguments"}

    assert len(rows) == len(set(rows))
    assert {row.replace("-", "_") for row in rows} == files


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    """Relative links name what is in the checkout."""
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_headings(page: Path) -> None:
    """What stands behind the # is a heading of the page, as GitHub makes anchors of them."""
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text()):
        text = (page.parent / target).read_text() if target else page.read_text()
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in anchors, f"{page.name} links to {target}#{anchor}"


def test_make_targets_of_the_docs_exist() -> None:
    """Those that are not run again here."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert {command.removeprefix("make ") for command in NOT_RUN_AGAIN} <= targets


@pytest.mark.e2e
@pytest.mark.timeout(1800)
def test_every_command_of_the_docs_runs(tmp_path: Path) -> None:
    """On a clean copy, block after block, as a new user would paste them."""
    checkout = Checkout(tmp_path)
    for name in ("bootstrap", "docs", "tests"):  # `make docs` writes into the last two
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "README.md", "schema.json"):
        shutil.copy(ROOT / name, tmp_path)
    path = os.pathsep.join([str(tmp_path / ".venv" / "bin"), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}
    environment.pop("VIRTUAL_ENV", None)
    started = False
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
            if "make up" in commands.splitlines() and not started:
                started = True
                assert created(done.stderr) == created(between(STARTED.read_text(), "output: make up"))
    finally:
        control.stop(checkout.state)
