"""`make mutants`: how many small mistakes the tests detect.

Takes a random sample of the mutations of components/, stacks/ and the security-relevant part of app/, and runs the
tests of each mutated file, without the golden files. Prints the kill rate and the survivors; exits with 1 below 90 %.
"""

import argparse
import ast
import os
import random
import re
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path

from tests.mutants.operators import identifiers, mutations
from tests.mutants.trial import ROOT, start, suite_of

SCOPE = (
    "components/*.py",
    "components/manifests/*.py",
    "stacks/*.py",
    "stacks/settings/*.py",
    "app/core/http/access.py",
    "app/security/*.py",
    "app/core/http/middleware/rate_limit.py",
    "app/telemetry/redaction.py",
)
LEFT_OUT = {
    "components/__init__.py": "names what is imported early; anything left out is imported later",
    "components/_lean_sdk.py": "changes how long an import takes, and its tests run in processes of their own",
}
KNOWN = Path(__file__).parent / "known.toml"
ENOUGH = 0.9
CONDITIONS = {"moved condition", "negated flag", "dropped condition"}
WORKERS = 2
TRIAL_SECONDS = 180
"""Seconds after which a mutant counts as killed, because a test would also time out."""
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
PREVIEW = (
    "tests/localcloud/aws/test_preview.py::test_every_stack_passes",
    "tests/infra/policy/rules/test_kubernetes_object_valid.py::test_accepts_every_stack",
    "tests/localcloud/kubernetes/test_load_balancer.py::test_no_service_of_the_program_is_refused",
    "tests/stacks/laws/test_reach.py::test_laws_of_reachability_hold",
)
"""The checks of a preview: refusals of AWS, EKS and Kubernetes, and the laws of the network."""
SHARED = (
    "fastapi",
    "hypothesis",
    "jwt",
    "psycopg",
    "pulumi",
    "pulumi_policy",
    "pydantic_settings",
    "pytest_asyncio",
    "yaml",
)
"""Imported once for all trials. No modules of this repository, because an imported module cannot be mutated."""


@dataclass(frozen=True)
class Mutant:
    """A source file of this repository with one change."""

    path: str
    line: int
    operator: str
    what: str
    make: Callable[[ast.Module], None]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {self.operator}: {' '.join(self.what.split())[:120]}"


def main(arguments: list[str] | None = None) -> int:
    """Try a sample, or with --known each recorded mistake, and print the result."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("paths", nargs="*", help="source files; default: all in scope")
    parser.add_argument("--known", action="store_true", help="the recorded mistakes of known.toml instead of a sample")
    parser.add_argument(
        "--preview",
        action="store_true",
        help="try components/ and stacks/ against what a preview refuses only; with --known, those that it must refuse",
    )
    parser.add_argument("--conditions", action="store_true", help="only negated, moved and dropped conditions")
    parser.add_argument("--minutes", type=float, default=14.0, help="start no mutant after this; default: 14")
    parser.add_argument("--sample", type=int, default=10_000, help="mutants at most; default: what the minutes allow")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000), help="of the sample")
    given = parser.parse_args(arguments)
    if given.known:
        recorded = _known("preview" if given.preview else None)
        pool = [mutant for mutant in recorded if not given.paths or mutant.path in given.paths]
    else:
        pool = [each for each in _all(given.paths or _scope()) if not given.conditions or each.operator in CONDITIONS]
    if not given.known:
        random.Random(given.seed).shuffle(pool)
        print(f"{len(pool)} mutants in scope; seed {given.seed}", flush=True)
    for name in SHARED:
        __import__(name)
    if any(mutant.path.startswith("infra/policy/rules/") for mutant in pool):
        # Parsed once, because two rules read these files when they are imported.
        import_module("localcloud.kubernetes.validation.schemas").kinds()
    if given.preview:
        pool = [mutant for mutant in pool if not mutant.path.startswith("app/")]
    until = time.monotonic() + given.minutes * 60
    survivors, killed = _try(pool[: given.sample], until, PREVIEW if given.preview else None)
    return _report(survivors, killed)


def _scope() -> list[str]:
    found = (path.relative_to(ROOT).as_posix() for pattern in SCOPE for path in ROOT.glob(pattern))
    return sorted(path for path in found if path not in LEFT_OUT)


def _parse(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_bytes())


@cache
def _names() -> frozenset[str]:
    return frozenset(name for path in _scope() for name in identifiers(_parse(path)))


def _all(paths: Iterable[str]) -> Iterator[Mutant]:
    for path in paths:
        for index, mutation in enumerate(mutations(_parse(path), _names())):
            yield Mutant(path, mutation.line, mutation.operator, mutation.what, partial(_mutate, index))


def _mutate(index: int, tree: ast.Module) -> None:
    mutations(tree, _names())[index].make()


def _known(refused_by: str | None = None) -> Iterator[Mutant]:
    for entry in tomllib.loads(KNOWN.read_text())["mutant"]:
        if refused_by and entry.get("refused_by") != refused_by:
            continue
        source = (ROOT / entry["file"]).read_text()
        if source.count(entry["old"]) != 1:
            raise SystemExit(
                f"{KNOWN.name}: {entry['name']}: `old` is {source.count(entry['old'])} times in {entry['file']}"
            )
        line = source[: source.index(entry["old"])].count("\n") + 1
        changed = source.replace(entry["old"], entry["new"])
        yield Mutant(entry["file"], line, "recorded", entry["name"], partial(_rewrite, changed))


def _rewrite(source: str, tree: ast.Module) -> None:
    tree.body = ast.parse(source).body


def _try(mutants: list[Mutant], until: float, tests: Sequence[str] | None) -> tuple[list[Mutant], list[Mutant]]:
    """Run the trials, two at a time, and return the surviving and the killed mutants.

    `tests` are the tests of each mutant; None for the tests of its file.
    """
    survivors: list[Mutant] = []
    killed: list[Mutant] = []
    running: dict[int, tuple[Mutant, Path]] = {}
    waiting = enumerate(mutants)
    with tempfile.TemporaryDirectory(prefix="drydock-mutants-") as folder:
        _check_unchanged({mutant.path for mutant in mutants}, Path(folder))
        try:
            while True:
                while len(running) < WORKERS and time.monotonic() < until and (following := next(waiting, None)):
                    number, mutant = following
                    log = Path(folder) / f"{number}.log"
                    running[start(mutant.path, mutant.make, log, TRIAL_SECONDS, tests)] = mutant, log
                if not running:
                    return survivors, killed
                process, status = os.wait()
                mutant, log = running.pop(process)
                survived = os.waitstatus_to_exitcode(status) == 0
                (survivors if survived else killed).append(mutant)
                print(f"{'survived' if survived else 'killed':9} {mutant}{'' if survived else _by(log)}", flush=True)
        finally:
            for process in running:
                os.killpg(process, signal.SIGKILL)


def _by(log: Path) -> str:
    """Return the name of the failed test."""
    failed = FAILED.findall(log.read_text(errors="replace"))
    return f"\n          by {failed[-1] if failed else f'the tests, which did not end within {TRIAL_SECONDS} s'}"


def _check_unchanged(paths: set[str], folder: Path) -> None:
    """Fail unless the tests pass on the unchanged code, because otherwise every mutant would count as killed."""
    for tests, path in {tuple(sorted(suite_of(path)[-2:])): path for path in sorted(paths)}.items():
        log = folder / "unchanged.log"
        process = start(path, lambda tree: None, log, 2 * TRIAL_SECONDS)
        if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]):
            print(log.read_text()[-4000:], file=sys.stderr)
            raise SystemExit(f"{' '.join(tests)}: a test fails on the unchanged code; correct that first")


def _report(survivors: list[Mutant], killed: list[Mutant]) -> int:
    tried = len(survivors) + len(killed)
    if not tried:
        print("no mutant was tried: the time was up, or nothing is in scope")
        return 1
    by_operator = Counter(mutant.operator for mutant in [*survivors, *killed])
    lost = Counter(mutant.operator for mutant in survivors)
    print()
    for operator, count in sorted(by_operator.items()):
        print(f"{operator:18} {count - lost[operator]:4} of {count:4} killed")
    rate = len(killed) / tried
    print(f"{'all':18} {len(killed):4} of {tried:4} killed, {rate:.1%} (aim: {ENOUGH:.0%})")
    for mutant in sorted(survivors, key=str):
        print(f"survived  {mutant}")
    return 0 if rate >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
