"""docs/make-it-yours.md is correct: a renamed repository and a new environment pass the unchanged tests."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.builders import ROOT

PAGE = ROOT / "docs" / "make-it-yours.md"
COPIED = [
    *("app", "bootstrap", "buildcontext", "components", "docs", "infra", "localcloud", "stacks", "tests", "tools"),
    *(".ci", ".devcontainer", ".github", "Makefile", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md"),
    *("SECURITY.md", "compose.yaml", "pyproject.toml", "requirements.lock", "schema.json"),
]
# Tests that depend on environments or names; the others of `make unit` take minutes and would find nothing more.
TESTS = [
    *(
        "tests/components/test_contract.py",
        "tests/stacks/laws/test_iam.py",
        "tests/stacks/laws/test_service_settings.py",
    ),
    *("tests/stacks/settings/test_stack_file.py", "tests/stacks/test_build.py", "tests/stacks/test_service.py"),
    *("tests/infra/costs", "tests/infra/policy/test_docs.py", "tests/infra/policy/test_levels.py"),
    *("tests/infra/picture", "tests/test_docs.py", "tests/test_generated.py"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the checkout that a test may change."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path)
    for path in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def run(copy: Path, *command: str) -> None:
    """Run a command in the copy; a failure has its output."""
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


@pytest.mark.timeout(600)
def test_a_renamed_repository_with_a_new_environment_passes_its_tests(copy: Path) -> None:
    """The name is replaced by the commands of the page, and the environment is one new file.

    The environment has its own addresses and boundary, as in the page; its list of URNs is generated. The commands end
    before `make docs`: the test itself generates files and runs tests.
    """
    document = yaml.safe_load((copy / "Pulumi.staging.yaml").read_text())
    document["config"]["drydock:permissionsBoundary"] = "drydock-qa-boundary"
    document["config"]["drydock:network"]["cidr"] = "10.40.0.0/16"
    document["config"]["drydock:cluster"]["privateAccessCidrs"] = ["10.40.0.0/16"]
    head = "# yaml-language-server: $schema=./schema.json\n"
    (copy / "Pulumi.qa.yaml").write_text(head + yaml.safe_dump(document, sort_keys=False))
    [commands] = re.findall(
        r"test_make_it_yours.py -->\n```\n(.*?)^make docs\n", PAGE.read_text(), re.DOTALL | re.MULTILINE
    )
    run(copy, "git", "init", "-q")
    run(copy, "git", "add", "-A")
    run(copy, "bash", "-euo", "pipefail", "-c", commands)

    run(copy, sys.executable, "-m", "tests.support.generated")
    run(copy, sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not e2e", *TESTS)

    assert (copy / "tests" / "stacks" / "urns" / "qa.txt").exists()
    assert "acme:region" in (copy / "Pulumi.prod.yaml").read_text()
    assert not re.search("drydock", (copy / "stacks" / "names.py").read_text(), re.IGNORECASE)
