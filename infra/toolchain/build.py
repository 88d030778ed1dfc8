"""Builds the binaries of a pinned Go module into the cache.

The build cache of Go keeps all packages compiled so far, so an interrupted build resumes where it stopped.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.toolchain.failures import explain
from infra.toolchain.golang import environment
from infra.toolchain.pins import GoModule
from infra.toolchain.process import follow
from infra.toolchain.report import Report
from infra.toolchain.versions import show

LOG = "build.log"
PARTIAL = "partial-"
OVERLAY = "overlay.json"
"""File for the -overlay flag of `go build`, which replaces source files with files at other paths."""
LISTED = '{{.ImportPath}} {{join .Imports " "}}'
"""Format of `go list` for a package: its import path, then its imports."""


def build(module: GoModule, names: Sequence[str], folder: Path, go: Path, report: Report) -> None:
    """Build binaries and move each of them atomically to `folder`/bin. The caller must hold the lock of the folder.

    Args:
        module: the module to build.
        names: the names of the binaries to build.
        folder: the folder of the module in the cache.
        go: a Go executable that is recent enough.
        report: shows the progress.

    Raises:
        OperationError: a download or the build failed; the message states why and what to do.
    """
    what = f"{module.name} {show(module.version)}"
    packages = {name: package for name, package in module.packages if name in names}
    report.begin(f"building {', '.join(packages)} ({what}) from source, once; kept in {folder}")
    for leftover in folder.glob(f"{PARTIAL}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=folder))
    try:
        with (folder / LOG).open("w") as log:

            def run(arguments: Sequence[str], on_line: Callable[[str], None], status: Callable[[], str]) -> None:
                lines: list[str] = []

                def keep(line: str) -> None:
                    lines.append(line)
                    print(line, file=log, flush=True)
                    on_line(line)

                command = [str(go), *arguments]
                tick = lambda: report.show(f"{what}: {status()}")  # noqa: E731
                if follow(command, folder=module.folder, env=environment(), on_line=keep, tick=tick) != 0:
                    raise explain(f"building {what}", lines, folder / LOG)

            plan = Plan()
            flags = []
            if module.embedded:
                answer: list[str] = []
                run(["mod", "download", "-json", module.versioned_by], answer.append, plan.status)
                overlay = partial / OVERLAY
                overlay.write_text(json.dumps({"Replace": overlaid(module, "\n".join(answer))}))
                flags = ["-overlay", str(overlay)]
            run(["list", *flags, "-deps", "-f", LISTED, *packages.values()], plan.listed, plan.status)
            flags += [*module.build_flags, "-o", f"{partial}/"]
            run(["build", "-v", *flags, *packages.values()], plan.compiling, plan.status)
        (folder / "bin").mkdir(exist_ok=True)
        for name, package in packages.items():
            (partial / built_name(package)).replace(folder / "bin" / name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    report.say(f"{what} is built, after {report.elapsed()}")


def overlaid(module: GoModule, downloaded: str) -> dict[str, str]:
    """Return the overlay for files that the main package of a module embeds: path -> path in the module cache.

    Args:
        module: the module to build.
        downloaded: the output of `go mod download -json`, which may start with progress lines.
    """
    folder = Path(json.loads(downloaded[downloaded.index("{") :])["Dir"])
    return {str(module.folder / name): str(folder / path) for name, path in module.embedded}


def built_name(package: str) -> str:
    """Return the name of the executable of `go build`: the last path component that is not a major version."""
    *_, before, last = package.split("/")
    return before if re.fullmatch(r"v\d+", last) else last


class Plan:
    """Determines the progress of a build from the output of `go list -deps` and `go build -v`.

    Go does not print packages that are in its cache. But it compiles a package only after all its imports, so the
    imports of a printed package are counted as done too, and a resumed build shows the right progress.
    """

    def __init__(self) -> None:
        self._imports: dict[str, list[str]] = {}
        self._done: set[str] = set()
        self._downloads = 0

    def listed(self, line: str) -> None:
        """Process a line of `go list -deps`: a package with its imports, or a download."""
        if line.startswith("go: downloading "):
            self._downloads += 1
        elif line and not line.startswith("go: "):
            package, *imports = line.split()
            self._imports[package] = imports

    def compiling(self, line: str) -> None:
        """Process a line of `go build -v`: the package that is being compiled."""
        reached = [line]
        while reached:
            package = reached.pop()
            if package in self._imports and package not in self._done:
                self._done.add(package)
                reached += self._imports[package]

    def status(self) -> str:
        """Return the progress as a text for the user."""
        done, packages = len(self._done), len(self._imports)
        if not done:
            return f"downloading, {self._downloads} modules so far" if self._downloads else "getting ready"
        return f"package {done} of {packages} ({100 * done // packages} %)" if done < packages else "linking"
