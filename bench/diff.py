"""`python -m bench.diff`: the time of `drydock diff`, for the stacks and for one stack with more and more services."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.toolchain import cache
from stacks.settings.services import MAX_SERVICES
from tests.support.program_copy import copy_program

RUNS = 3
SERVICES = (0, 4, MAX_SERVICES)
FULL: Mapping[str, Any] = {
    "image": "app",
    "database": {"maxConnections": 1},
    "minAvailable": 1,
    "minReplicas": 2,
    "maxReplicas": 2,
    "queue": True,
    "worker": {"command": ["python", "-m", "app", "worker"]},
    "migration": {"command": ["python", "-m", "app", "migrate"]},
}
"""A service with each part that is optional."""


def lines() -> Iterator[str]:
    """Measure, and yield a line for each number of resources; the base is recorded by the first run."""
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        copy = _Copy(Path(folder))
        first, warm, resources = copy.measured()
        title = f"diff of 3 stacks, {resources:4} resources"
        yield f"{title:45} {first:6.2f} s, then {warm:5.2f} s   (aim: under 12 s)"
        for number in SERVICES:
            copy.with_services(number)
            first, warm, resources = copy.measured("prod")
            title = f"diff prod, {number} more services, {resources:4} resources"
            each = f"{1000 * warm / resources:.0f} ms for each resource"
            yield f"{title:45} {first:6.2f} s, then {warm:5.2f} s   ({each})"


class _Copy:
    """A repository with a copy of the program, one resource of which differs from the last commit."""

    def __init__(self, root: Path) -> None:
        self._root = root / "repository"
        self._root.mkdir()
        home = root / "cache"
        (home / "drydock").mkdir(parents=True)
        (home / "drydock" / "tools").symlink_to(cache.root(), target_is_directory=True)
        copy_program(self._root)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "GIT_"))},
            "PYTHONPATH": str(self._root),
            "XDG_CACHE_HOME": str(home),
        }
        self._git("init", "--quiet", "--initial-branch=main")
        self._commit()

    def with_services(self, number: int) -> None:
        """Commit the stack `prod` with this number of services besides the bundled one."""
        path = self._root / "Pulumi.prod.yaml"
        document = yaml.safe_load(path.read_text())
        document["config"]["drydock:services"] = {
            f"s{index}": {**FULL, "route": {"pathPrefix": f"/s{index}"}} for index in range(number)
        }
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        self._commit()

    def measured(self, *stacks: str) -> tuple[float, float, int]:
        """Return the seconds of the first run, the median of the others, and the number of resources."""
        source = self._root / "components" / "database.py"
        text = source.read_text()
        source.write_text(text.replace("copy_tags_to_snapshot=True", "copy_tags_to_snapshot=False"))
        try:
            first, resources = self._diff(*stacks)
            return first, statistics.median(self._diff(*stacks)[0] for _ in range(RUNS)), resources
        finally:
            source.write_text(text)

    def _diff(self, *stacks: str) -> tuple[float, int]:
        began = time.monotonic()
        done = self._run(sys.executable, "-m", "infra.cli", "diff", *stacks, "--json", "--quiet")
        seconds = time.monotonic() - began
        plans = json.loads(done)["stacks"].values()
        return seconds, sum(plan["unchanged"] + len(plan["changes"]) for plan in plans)

    def _commit(self) -> None:
        identity = ("-c", "user.name=Bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false")
        self._git("add", "--all")
        self._git(*identity, "commit", "--quiet", "--message=base")

    def _git(self, *arguments: str) -> None:
        self._run("git", *arguments)

    def _run(self, *command: str) -> str:
        return subprocess.run(
            command, cwd=self._root, env=self._environment, stdout=subprocess.PIPE, text=True, check=True
        ).stdout


if __name__ == "__main__":
    print(*lines(), sep="\n")
