"""A copy of what the command `drydock` runs, which a test may change."""

import shutil
from pathlib import Path

from infra.engine.places import ROOT

FOLDERS = ("infra", "stacks", "components", "app", "localcloud", "buildcontext", "tools")


def copy_program(root: Path) -> None:
    """Copy the program, its stack files and its locks to a folder."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for path in [*ROOT.glob("Pulumi*.yaml"), ROOT / "pyproject.toml", ROOT / "requirements.lock"]:
        shutil.copy(path, root)
