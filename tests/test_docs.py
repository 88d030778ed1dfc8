"""The documentation is correct: its output is current, its links have targets, and its commands run."""

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
from stacks.settings.services import NamedServiceSettings
from tests.e2e.checkout import Checkout
from tests.support.tables import between

README, STARTED, MEASURED = (ROOT / name for name in ("README.md", "docs/local-cloud.md", "docs/figures.md"))
ON_AWS = ROOT / "docs" / "on-aws.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
# Commands that run these tests, and builds that take minutes.
NOT_RUN_AGAIN = {"make test", "make check", "make unit", "make bench", "make providers", "make compare"}
# Command of the docs -> test that runs it too, or block of the docs that runs it with an option more.
RUN_ELSEWHERE = {
    "drydock rehearse prod": "tests/e2e/test_rehearsal.py::test_production_passes_a_rehearsal_while_the_platform_runs",
    "drydock rehearse dev": "drydock rehearse dev --unchecked",
}
# Optional tools of `drydock doctor`: lines with one of them run only if it is installed.
OPTIONAL_TOOLS = ("aws", "psql", "jq", "kubectl")
BLOCK_SECONDS = 600


def missing_tools() -> list[str]:
    """Return the optional tools that are not installed."""
    return [tool for tool in OPTIONAL_TOOLS if shutil.which(tool) is None]


def blocks() -> Iterator[tuple[str, str]]:
    """Yield (page, commands) of every shell block of the documentation, in the order of the pages."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text()):
            not_here = {*NOT_RUN_AGAIN, *RUN_ELSEWHERE}
            lines = [line for line in block.splitlines() if line.strip() and line.strip() not in not_here]
            lines = [line for line in lines if not any(tool in line.split() for tool in missing_tools())]
            if lines:
                yield page.name, "\n".join(lines)


def test_the_readme_is_short() -> None:
    """Details are in docs/."""
    assert len(README.read_text().splitlines()) <= 150


def test_the_readme_requires_the_same_resources_as_doctor() -> None:
    """Disk and memory, for the first and for later starts."""
    first, other = re.findall(r"^\| (?:First|Every other) `make up` \| (.+) \|$", README.read_text(), re.MULTILINE)

    assert f"{machine.DISK_TO_BUILD:g} GiB of disk, {machine.MEMORY_TO_BUILD:g} GiB of memory" in first
    assert f"{machine.DISK_TO_RUN:g} GiB of disk, {machine.MEMORY_TO_RUN:g} GiB of memory" in other


def test_the_readme_has_the_url_of_the_local_stack() -> None:
    """As `make up` prints it."""
    assert read_stack_file(ROOT / "Pulumi.local.yaml").edge.http_port == 8080
    assert between(STARTED.read_text(), "output: make up").splitlines()[-2] in README.read_text()


def test_the_docs_show_real_output() -> None:
    """Of `make up` and `make bench`."""
    for page, name in ((STARTED, "output: make up"), (MEASURED, "output: make bench")):
        assert between(page.read_text(), name).count("\n") > 3, name


def resources(stack: str) -> int:
    """Return the number of resources of a stack: those of its recording, and the stack itself."""
    return len((ROOT / "tests" / "stacks" / "urns" / f"{stack}.txt").read_text().splitlines()) + 1


def created(output: str) -> set[int]:
    """Return the numbers of created resources in the output of `up`: planned and done."""
    return {int(number) for number in re.findall(r"\b(\d+) create\b", output)}


def test_the_shown_numbers_of_resources_are_those_of_the_stacks() -> None:
    """If a component has more or fewer resources, the shown output is outdated."""
    shown = between(STARTED.read_text(), "output: make up")

    assert created(shown) == {resources("local")}


def test_the_shown_measurements_are_of_a_stack_of_about_this_size() -> None:
    """The time of a preview depends on the number of resources. A few more do not require another measurement."""
    bench = between(MEASURED.read_text(), "output: make bench")

    measured = re.findall(r"^(preview prod|bare program), (\d+) resources", bench, re.MULTILINE)
    assert [name for name, _ in measured] == ["preview prod", "bare program"]
    assert [int(number) for _, number in measured] == pytest.approx([resources("prod")] * 2, rel=0.1)


def test_the_shown_numbers_of_a_first_deployment_are_those_of_dev() -> None:
    """The operator role in `cluster.adminRoles` is an access entry and the association of its policy."""
    shown = between(ON_AWS.read_text(), "output: drydock up dev")

    assert shown.count(" create") == 3
    assert created(shown) == {resources("dev") + 2}


def test_the_resources_of_the_shown_output_are_in_the_stack() -> None:
    """By type and name, except for default providers, whose names have the version of their SDK."""
    lines = re.findall(r"^ *[\d.]+s \+ (\S+) +(\S+)$", between(STARTED.read_text(), "output: make up"), re.MULTILINE)
    urns = (ROOT / "tests" / "stacks" / "urns" / "local.txt").read_text().splitlines()
    known = {(urn.split("::")[2].rpartition("$")[2], urn.rpartition("::")[2]) for urn in urns}

    assert len(lines) > 5
    assert {each for each in lines if not each[1].startswith("default_")} <= {
        *known,
        ("pulumi:pulumi:Stack", "drydock-local"),
    }


def test_the_command_table_lists_each_command_once() -> None:
    """The table in docs/commands.md has no other rows."""
    rows = re.findall(r"^\| `drydock ([\w-]+)", (ROOT / "docs" / "commands.md").read_text(), re.MULTILINE)
    files = {path.stem for path in (ROOT / "infra" / "commands").glob("*.py")} - {"__init__", "arguments"}

    assert len(rows) == len(set(rows))
    assert {row.replace("-", "_") for row in rows} == files


def test_the_table_of_a_service_lists_each_setting_once() -> None:
    """Those of its pods too, whose meaning is in docs/settings.md."""
    page = (ROOT / "docs" / "your-own-service.md").read_text()
    table = page[page.index("| Setting |") : page.index("The name of a service")]
    settings = [
        name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1] if row else "")
    ]

    assert sorted(settings) == sorted(str(field.alias) for field in NamedServiceSettings.model_fields.values())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    """Targets of relative links exist in the checkout."""
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_headings(page: Path) -> None:
    """Fragments are anchors of headings, in the format of GitHub."""
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text()):
        text = (page.parent / target).read_text() if target else page.read_text()
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in anchors, f"{page.name} links to {target}#{anchor}"


def test_make_targets_of_the_docs_exist() -> None:
    """The targets that are not run here."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert {command.removeprefix("make ") for command in NOT_RUN_AGAIN} <= targets


def test_commands_that_run_elsewhere_do() -> None:
    """Each is a command of the docs; the test exists, and the block with the option is run here."""
    lines = {line.strip() for page in PAGES for block in BLOCK.findall(page.read_text()) for line in block.splitlines()}
    run = {line for _, commands in blocks() for line in commands.splitlines()}

    assert set(RUN_ELSEWHERE) <= lines
    for elsewhere in RUN_ELSEWHERE.values():
        path, mark, name = elsewhere.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text() if mark else elsewhere in run


@pytest.mark.e2e
@pytest.mark.timeout(1800)
def test_every_command_of_the_docs_runs(tmp_path: Path) -> None:
    """In a clean copy, one block after the other, as for a new user."""
    checkout = Checkout(tmp_path)
    for name in ("bootstrap", "docs", "tests"):  # `make docs` writes to the last two
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "README.md", "schema.json"):
        shutil.copy(ROOT / name, tmp_path)
    # `drydock diff` compares with a commit.
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        ["commit", "--quiet", "-m", "copy"],
    ):
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, timeout=60)
    path = os.pathsep.join([str(tmp_path / ".venv" / "bin"), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}
    environment.pop("VIRTUAL_ENV", None)
    started = False
    try:
        # `make down` of the README runs last, so that the platform is deployed once, not twice.
        for page, commands in sorted(blocks(), key=lambda block: block[1] == "make down"):
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
