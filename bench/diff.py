"""`python -m bench.diff`: the time of `drydock diff`, for the stacks and for one stack with more and more services."""

import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from stacks.settings.services import MAX_SERVICES
from tests.infra.difference.branch import Branch, with_tools

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
        root = Path(folder) / "repository"
        root.mkdir()
        branch = Branch(root, with_tools(Path(folder) / "cache"))
        first, warm, resources = _measured(branch)
        title = f"diff of 3 stacks, {resources:4} resources"
        yield f"{title:45} {first:6.2f} s, then {warm:5.2f} s   (aim: under 12 s)"
        for number in SERVICES:
            _commit_services(branch, number)
            first, warm, resources = _measured(branch, "prod")
            title = f"diff prod, {number} more services, {resources:4} resources"
            each = f"{1000 * warm / resources:.0f} ms for each resource"
            yield f"{title:45} {first:6.2f} s, then {warm:5.2f} s   ({each})"


def _commit_services(branch: Branch, number: int) -> None:
    """Commit the stack `prod` with this number of services besides the bundled one."""
    path = branch.root / "Pulumi.prod.yaml"
    document = yaml.safe_load(path.read_text())
    document["config"]["drydock:services"] = {
        f"s{index}": {**FULL, "route": {"pathPrefix": f"/s{index}"}} for index in range(number)
    }
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    branch.commit()


def _measured(branch: Branch, *stacks: str) -> tuple[float, float, int]:
    """Return the seconds of the first run, the median of the others, and the number of resources."""
    branch.edit("components/database.py", "copy_tags_to_snapshot=True", "copy_tags_to_snapshot=False")
    try:
        first, resources = _timed(branch, *stacks)
        return first, statistics.median(_timed(branch, *stacks)[0] for _ in range(RUNS)), resources
    finally:
        branch.reset()


def _timed(branch: Branch, *stacks: str) -> tuple[float, int]:
    began = time.monotonic()
    plans = branch.diff(*stacks)["stacks"].values()
    return time.monotonic() - began, sum(plan["unchanged"] + len(plan["changes"]) for plan in plans)


if __name__ == "__main__":
    print(*lines(), sep="\n")
