"""`python -m tests.support.skipped`: print which tests this machine skips, and how to install their programs."""

import shutil
import sys
from collections.abc import Callable

# Program -> its Debian package and the tests that require it; with CI set they fail without it.
NEEDED = {
    "chromium": ("chromium", "the service's pages in a browser"),
    "buildah": ("buildah", "image builds, and services from a Dockerfile"),
    "mmdebstrap": ("mmdebstrap", "image builds, and services from a Dockerfile"),
    "bwrap": ("bubblewrap", "containers of images from a Dockerfile"),
}


def notice(find: Callable[[str], str | None] = shutil.which) -> str:
    """Return a line for each missing program and the command that installs all; empty if none is missing.

    Args:
        find: returns the path of a program, or None.
    """
    missing = {name: needed for name, needed in NEEDED.items() if find(name) is None}
    if not missing:
        return ""
    lines = [f"skipped without {name}: {tests}" for name, (_, tests) in missing.items()]
    packages = " ".join(package for package, _ in missing.values())
    return "\n".join([*lines, f"to run them: apt-get install {packages} (on Debian)"])


if __name__ == "__main__":
    if text := notice():
        print(text, file=sys.stderr)
