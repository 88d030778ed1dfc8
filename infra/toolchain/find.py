"""Finds a tool on PATH and determines its version."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from infra.toolchain.tools import Tool
from infra.toolchain.versions import Version, parse

ANSWER_WITHIN = 20.0
"""Timeout in seconds for a tool to print its version; long enough for a cold disk and a busy machine."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An executable on PATH, whose version may or may not be accepted."""

    path: Path
    version: Version | None
    """The version; None if it could not be determined."""
    accepted: bool


def find(tool: Tool) -> Candidate | None:
    """Return the first executable of a tool on PATH, regardless of its version, or None."""
    location = shutil.which(tool.name)
    if location is None:
        return None
    path = Path(location).absolute()
    version = version_of(path, tool.version_args)
    return Candidate(
        path=path,
        version=version,
        accepted=version is not None and tool.accepts(version),
    )


def version_of(executable: Path, args: tuple[str, ...]) -> Version | None:
    """Return the version that an executable prints; None if it fails, times out or prints no version."""
    try:
        answer = subprocess.run(
            [str(executable), *args],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ANSWER_WITHIN,
            check=False,
            # Pulumi must not check for updates, and Go must not download the version that a go.mod requires.
            env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true", "GOTOOLCHAIN": "local"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse(answer.stdout) if answer.returncode == 0 else None
