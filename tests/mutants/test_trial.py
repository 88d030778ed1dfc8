"""A trial runs the tests on the mutant only."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.trial import ROOT, module_of, suite_of

TRIAL = """
import ast, os, sys
from pathlib import Path
from tests.mutants.trial import start

def change(tree):
    tree.body = ast.parse(ast.unparse(tree).replace(*sys.argv[2:])).body

process = start("components/_cidrs.py", change, Path(sys.argv[1]), 60, ["tests/components/test_cidrs.py"])
print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"""


@pytest.mark.parametrize(("old", "new", "code"), [("nothing", "nothing", 0), ("subnets(1)", "subnets(2)", 1)])
def test_a_trial_fails_only_with_a_mistake(tmp_path: Path, old: str, new: str, code: int) -> None:
    """The file of the module is not changed: the mutant is loaded instead of it."""
    before = (ROOT / "components/_cidrs.py").read_bytes()

    command = [sys.executable, "-c", TRIAL, str(tmp_path / "log"), old, new]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)

    assert done.stdout == f"{code}\n", (tmp_path / "log").read_text()
    assert (ROOT / "components/_cidrs.py").read_bytes() == before


def test_the_tests_of_the_module_run_first() -> None:
    """Then those of the code that uses it."""
    assert suite_of("components/_cidrs.py") == ["tests/components/test_cidrs.py", "tests/stacks", "tests/components"]
    assert suite_of("app/security/auth.py")[0] == "tests/app/security/test_auth.py"
    assert module_of("stacks/settings/__init__.py") == "stacks.settings"
