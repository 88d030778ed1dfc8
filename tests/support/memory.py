"""Temporary folders of tests in memory, where databases, image builds and journals need not wait for a disk."""

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
NEEDED_BYTES = 8 * 10**9
"""With less free memory, the folders are on disk. It is a choice with a margin, not a measured need."""
VARIABLE = "PYTEST_DEBUG_TEMPROOT"
"""The folder in which pytest creates temporary folders."""


def use_memory() -> None:
    """Let pytest create its temporary folders in memory if there is plenty; otherwise, and by default, on disk."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= NEEDED_BYTES:
        os.environ.setdefault(VARIABLE, str(MEMORY))
