"""`python -m tests.mutants.rehearsals [NAME...]`: which recorded mistakes a rehearsal of the stack dev refuses.

Tries the entries of known.toml with `refused_by = "rehearsal"`, or the given ones, each in a copy of the checkout.
An entry takes one to two minutes. The exit code is 1 if a rehearsal passes.
"""

import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.e2e.checkout import Checkout
from tests.mutants.__main__ import KNOWN

STACK = "dev"


def main(names: list[str]) -> int:
    """Run a rehearsal with each mistake and print its error."""
    passed = 0
    for entry in chosen(tomllib.loads(KNOWN.read_text())["mutant"], names):
        with tempfile.TemporaryDirectory(prefix="drydock-mutant-") as folder:
            refusal = refused(entry, Path(folder))
        passed += not refusal
        print(f"{'refused' if refusal else 'passed':8} {entry['name']}\n         {refusal}", flush=True)
    return int(passed > 0)


def chosen(entries: Iterable[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """Return the entries with these names, or all for rehearsals; exit if a name is unknown."""
    found = {entry["name"]: entry for entry in entries}
    if unknown := set(names) - set(found):
        raise SystemExit(f"not in {KNOWN.name}: {', '.join(sorted(unknown))}")
    return [found[name] for name in names] or [
        entry for entry in found.values() if entry.get("refused_by") == "rehearsal"
    ]


def refused(entry: dict[str, Any], folder: Path) -> str:
    """Run a rehearsal with a mistake; return the first lines of the error, or an empty string."""
    checkout = Checkout(folder)
    checkout.replace(entry["file"], entry["old"], entry["new"])
    process = checkout.start("rehearse", STACK)
    _, stderr = process.communicate()
    if process.returncode == 0:
        return ""
    return "\n         ".join(stderr.strip().splitlines()[-4:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
