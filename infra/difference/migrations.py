"""The migrations of the bundled service that a branch adds."""

from pathlib import Path

from infra.difference.revision import Base, git, text_of
from infra.engine.places import ROOT
from infra.review.hazard import Hazard, HazardKind
from infra.review.hazards.migrations import destructive, revision_of

VERSIONS = "app/migrations/versions"


def migration_hazards(base: Base, root: Path = ROOT) -> tuple[Hazard, ...]:
    """Return the destructive revisions of the checkout that the commit does not have."""
    known = git(root, "ls-tree", "-z", "--name-only", base.commit, "--", f"./{VERSIONS}/", check=False).split("\0")
    deployed = {_identity(each, text_of(base, each, root)) for each in known if each.endswith(".py")}
    found = []
    for path in sorted((root / VERSIONS).glob("*.py")):
        source = path.read_bytes()
        if _identity(path.name, source) not in deployed and (what := _what(source)):
            urn = path.relative_to(root).as_posix()
            found.append(Hazard(kind=HazardKind.DESTRUCTIVE_MIGRATION, urn=urn, what=what))
    return tuple(found)


def _identity(name: str, source: str | bytes) -> str:
    """Return the id of a revision, by which alembic knows whether it has run; without one, the name of its file."""
    return revision_of(source) or Path(name).name


def _what(source: bytes) -> str:
    try:
        return "; ".join(destructive(source))
    except SyntaxError as error:
        return f"what it does is not known: line {error.lineno}: {error.msg}"
