"""A PATH with fake tools and an empty cache: nothing is built, and no tool of this machine is found."""

import sys
from pathlib import Path

import pytest

from infra.toolchain.pins import KUBERNETES, PULUMI

FAKE_GO = """\
#!{python}
import pathlib, sys, time
here = pathlib.Path(__file__).parent
command, *arguments = sys.argv[1:]
with (here / "go.calls").open("a") as calls:
    print(command, *arguments, file=calls)
if command == "version":
    print("go version go{version} linux/amd64")
elif command == "mod":
    print("{{", '"Dir": "' + str(here / "module") + '"', "}}", sep="\\n")
elif command == "list":
    print("go: downloading example.com/first v1.0.0", file=sys.stderr)
    print("example.com/first", "example.com/second", sep="\\n")
elif command == "build":
    print("example.com/first", flush=True)
    (here / "go.building").touch()
    while (here / "go.waits").exists():
        time.sleep(0.01)
    if (here / "go.fails").exists():
        sys.exit((here / "go.fails").read_text())
    output = pathlib.Path(arguments[arguments.index("-o") + 1])
    for package in arguments[arguments.index("-o") + 2:]:
        *_, before, last = package.split("/")
        if "-overlay" in arguments:
            overlay = pathlib.Path(arguments[arguments.index("-overlay") + 1])
            (here / "go.overlay").write_text(overlay.read_text())
        made = output / (before if last == "v3" else last)
        made.write_text("#!/bin/sh\\n# built from " + package)
        made.chmod(0o755)
"""
PYTHON = sys.executable  # the real one, also if a test replaces it
NAMES = [name for module in (PULUMI, KUBERNETES) for name, _ in module.packages]


class Bench:
    """The fake PATH, the cache, and the calls of the fake Go."""

    def __init__(self, path: Path, cache: Path) -> None:
        self.path = path
        """The only folder on PATH."""
        self.cache = cache
        """XDG_CACHE_HOME."""

    def tool(self, name: str, prints: str, *, exit_code: int = 0) -> Path:
        """Put a tool on PATH that prints a text."""
        return self.script(name, f"#!/bin/sh\necho '{prints}'\nexit {exit_code}\n")

    def script(self, name: str, text: str) -> Path:
        """Put an executable on PATH."""
        file = self.path / name
        file.write_text(text)
        file.chmod(0o755)
        return file

    def go(self, version: str = "1.99.0") -> Path:
        """Put a fake Go on PATH."""
        return self.script("go", FAKE_GO.format(python=PYTHON, version=version))

    def mark(self, name: str, text: str = "") -> Path:
        """Control the fake Go: `go.waits` blocks a build until it is removed, `go.fails` has the error of the build."""
        file = self.path / name
        file.write_text(text)
        return file

    def calls(self, command: str) -> list[str]:
        """Return the fake Go's calls of one command."""
        file = self.path / "go.calls"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if line.split()[0] == command]

    def built(self) -> set[str]:
        """Return the binaries in the cache."""
        return {path.name for path in self.cache.glob("drydock/tools/*/bin/*")}

    def leftovers(self) -> list[Path]:
        """Return the temporary files of builds."""
        return list(self.cache.glob("drydock/tools/*/partial*"))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """An empty PATH and an empty cache."""
    path, cache = tmp_path / "path", tmp_path / "cache"
    path.mkdir()
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    return Bench(path, cache)
