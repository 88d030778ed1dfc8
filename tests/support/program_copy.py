"""A copy of what the command `drydock` runs, which a test may change."""

import shutil
from pathlib import Path

from infra.engine.places import ROOT

FOLDERS = ("infra", "stacks", "components", "app", "localcloud", "buildcontext", "tools")
BEING_WRITTEN = shutil.ignore_patterns("*.pyc.*")
"""Bytecode that another process writes at the moment: it gets its name when it is complete."""


def copy_program(root: Path) -> None:
    """Copy the program, its stack files and its locks to a folder, with the bytecode of unchanged modules."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, root / name, ignore=BEING_WRITTEN)
    for path in [*ROOT.glob("Pulumi*.yaml"), ROOT / "pyproject.toml", ROOT / "requirements.lock"]:
        shutil.copy(path, root)
