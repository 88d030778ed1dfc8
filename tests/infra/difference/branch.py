"""A git repository with a copy of this checkout, whose files a test changes as on a branch."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.toolchain import cache
from tests.support.launch import prepared
from tests.support.program_copy import copy_program

SECONDS = 240


def with_tools(home: Path) -> Path:
    """Return an empty cache of a user with the tools of this machine."""
    tools = home / "drydock" / "tools"
    tools.parent.mkdir(parents=True)
    tools.symlink_to(cache.root(), target_is_directory=True)
    return home


class Branch:
    """Runs `drydock` in the copy.

    Args:
        root: empty folder for the copy.
        cache: folder of the user's cache.
    """

    def __init__(self, root: Path, cache: Path) -> None:
        self.root = root
        self.hazards: list[tuple[str, str, str]] = []
        """Kind, name and sentence of the hazards of the last call of `changes`."""
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "GIT_"))},
            "PYTHONPATH": str(root),
            "XDG_CACHE_HOME": str(cache),
            "PULUMI_HOME": str(cache / "pulumi"),
        }
        copy_program(root)
        (root / ".gitignore").write_text("__pycache__/\n.drydock/\n")
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def git(self, *arguments: str) -> str:
        """Run a git command, and return its output."""
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.root, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.strip()

    def commit(self) -> None:
        """Commit all files."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=base")

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text that is in a file."""
        path = self.root / name
        text = path.read_text()
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new))

    def reset(self) -> None:
        """Undo all edits."""
        self.git("reset", "--hard", "--quiet", "main")
        self.git("clean", "--force", "-d", "--quiet")

    def states(self) -> list[Path]:
        """Return the files of the recorded states."""
        return sorted(Path(self._environment["XDG_CACHE_HOME"], "drydock", "states").glob("*.json"))

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start `drydock ARGUMENTS`."""
        return subprocess.Popen(**self._process(arguments, environment))

    def run(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run `drydock ARGUMENTS`."""
        return subprocess.run(check=False, timeout=SECONDS, **self._process(arguments, environment))

    def _process(self, arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
        # As at a terminal: a test suite that runs in the background ignores SIGINT, and so would its children.
        at_terminal = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)"
        return {
            "args": prepared(at_terminal, [sys.executable, "-m", "infra.cli", *arguments]),
            "cwd": self.root,
            "env": {**self._environment, **environment},
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
        }

    def diff(self, *stacks: str) -> dict[str, Any]:
        """Return the report of `drydock diff` as JSON."""
        done = self.run("diff", *stacks, "--json", "--quiet")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def changes(self, stack: str, *types: str) -> dict[str, Mapping[str, Any]]:
        """Return the changes of a stack by operation and name; the most dangerous of several with one name.

        Args:
            stack: the stack.
            types: types of resources such as `aws:ec2/subnet:Subnet`; default: all.
        """
        plan = self.diff(stack)["stacks"][stack]
        assert plan["errors"] == []
        self.hazards = [(each["kind"], each["urn"].rpartition("::")[2], each["what"]) for each in plan["hazards"]]
        found: dict[str, Mapping[str, Any]] = {}
        for each in [each for each in plan["changes"] if not types or each["type"] in types]:
            found.setdefault(f"{each['operation']} {each['name']}", each)
        return found
