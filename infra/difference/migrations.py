"""The migrations of the bundled service that a branch adds."""

from pathlib import Path

from infra.difference.revision import Base, git
from infra.engine.places import ROOT
from infra.review.hazard import Hazard, HazardKind
from infra.review.hazards.migrations import destructive

VERSIONS = "app/migrations/versions"


def migration_hazards(base: Base, root: Path = ROOT) -> tuple[Hazard, ...]:
    """Return the destructive revisions of the checkout that the commit does not have."""
    known = git(root, "ls-tree", "--name-only", base.commit, "--", f"./{VERSIONS}/", check=False).splitlines()
    names = {Path(each).name for each in known}
    found = []
    for path in sorted((root / VERSIONS).glob("*.py")):
        if path.name not in names and (what := _what(path)):
            urn = path.relative_to(root).as_posix()
            found.append(Hazard(kind=HazardKind.DESTRUCTIVE_MIGRATION, urn=urn, what=what))
    return tuple(found)


def _what(path: Path) -> str:
    try:
        return "; ".join(destructive(path.read_text()))
    except SyntaxError as error:
        return f"what it does is not known: line {error.lineno}: {error.msg}"
