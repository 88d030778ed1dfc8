"""Previews, policies, the schema and unit tests do not require Linux.

They run here without features of Linux: files of /proc and /sys, system calls such as prctl(2) and setns(2), and
programs such as setpriv and bubblewrap. The launcher of the engine has its own tests for other systems.
"""

import os
import subprocess
import sys

import pytest

from infra.engine.places import ROOT

BLOCKED = str(ROOT / "tests" / "support" / "without_linux")
TESTS = ("tests/components/test_contract.py", "tests/stacks/test_build.py", "tests/infra/review")


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in the checkout without features of Linux."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([BLOCKED, str(ROOT)])}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("open('/proc/self/status')", "only Linux has /proc/self/status"),
        ("import ctypes; ctypes.CDLL(None).prctl", "only Linux has prctl"),
        ("import os; os.setns", "has no attribute 'setns'"),
        ("import subprocess; subprocess.run(['setpriv', 'true'])", "only Linux has setpriv"),
    ],
)
def test_features_of_linux_are_refused(code: str, error: str) -> None:
    """Otherwise the tests below would prove nothing."""
    done = run("-c", code)

    assert done.returncode == 1
    assert error in done.stderr


@pytest.mark.parametrize(
    "command", [["preview", "dev"], ["policy", "prod"], ["schema"], ["reach", "dev"], ["cost", "dev"]], ids=" ".join
)
def test_commands_that_need_no_local_cloud_run(command: list[str]) -> None:
    done = run("-m", "infra.cli", *command)

    assert done.returncode == 0, done.stderr


def test_unit_tests_run() -> None:
    """Quick tests of each kind in `make unit`."""
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)

    assert done.returncode == 0, done.stdout
