"""Looks a tool up on PATH and asks it for its version."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from infra.toolchain.tools import Tool
from infra.toolchain.versions import Version, parse

ANSWER_WITHIN = 20.0
"""Seconds that a tool may take to print its version: a cold disk and a busy machine, not a hang."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An executable on PATH that may or may not do."""

    path: Path
    version: Version | None
    """None where it did not say."""
    accepted: bool


def find(tool: Tool) -> Candidate | None:
    """Return the first one on PATH, whatever its version, or None."""
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
    """Return the version that an executable prints, or None where it fails, hangs or names none."""
    try:
        answer = subprocess.run(
            [str(executable), *args],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ANSWER_WITHIN,
            check=False,
            # A new Pulumi must not look for a newer one, nor an old Go fetch the one that a go.mod asks for.
            env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true", "GOTOOLCHAIN": "local"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse(answer.stdout) if answer.returncode == 0 else None
