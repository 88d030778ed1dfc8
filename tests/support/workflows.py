"""The workflows of the repository on GitHub, as data."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from infra.engine.places import ROOT

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PULL_REQUEST = FOLDER / "pull-request.yml"
PREVIEW_AWS = FOLDER / "preview-aws.yml"
COMMENT = FOLDER / "pull-request-comment.yml"


def load(path: Path) -> dict[str, Any]:
    """Return a workflow."""
    # YAML 1.1 parses the key `on` as a boolean.
    return {"on" if key is True else str(key): value for key, value in yaml.safe_load(path.read_text()).items()}


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the steps of all jobs."""
    for job in load(path)["jobs"].values():
        yield from job["steps"]


def scripts(path: Path, *shells: str) -> list[str]:
    """Return the scripts of all steps, or of those with one of the shells; the default is bash."""
    return [
        step["run"] for step in steps(path) if "run" in step and (not shells or step.get("shell", "bash") in shells)
    ]
