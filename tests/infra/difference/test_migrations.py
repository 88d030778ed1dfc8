"""The revisions that a branch adds."""

from pathlib import Path

import pytest

from infra.difference.migrations import migration_hazards
from infra.difference.revision import Base
from tests.infra.difference.test_revision import commit, git

FOLDER = "app/migrations/versions"
DROPS = 'def upgrade() -> None:\n    op.drop_table("items")\n'
ADDS = 'def upgrade() -> None:\n    op.add_column("items", column)\n'


@pytest.fixture
def base(tmp_path: Path) -> Base:
    """Return the only commit of a repository, whose first revision drops a table."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    return Base(commit=commit(tmp_path, **{f"{FOLDER}/0001.py": DROPS}), why="main")


def found(base: Base, root: Path) -> list[tuple[str, str, str]]:
    """Return the hazards as texts."""
    return [(str(each.kind), each.urn, each.what) for each in migration_hazards(base, root)]


def test_only_new_revisions_count(base: Base, tmp_path: Path) -> None:
    """Whether they are committed or not; a deployed revision does not run again."""
    (tmp_path / FOLDER / "0001.py").write_text(f"{DROPS}\n")
    assert found(base, tmp_path) == []

    (tmp_path / FOLDER / "0002.py").write_text(ADDS)
    (tmp_path / FOLDER / "0003.py").write_text(DROPS)
    expected = [("destructive-migration", f"{FOLDER}/0003.py", "drops a table")]
    assert found(base, tmp_path) == expected

    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=more")
    assert found(base, tmp_path) == expected


def test_a_revision_that_is_no_python_is_a_hazard(base: Base, tmp_path: Path) -> None:
    """It cannot be parsed, so its effect is unknown."""
    (tmp_path / FOLDER / "0002.py").write_text("def upgrade(:\n")

    ((kind, urn, what),) = found(base, tmp_path)
    assert (kind, urn) == ("destructive-migration", f"{FOLDER}/0002.py")
    assert what.startswith("what it does is not known: line 1: ")


def test_a_revision_is_known_by_its_id(tmp_path: Path) -> None:
    """Another name of its file does not make it run again, and another id in the same file does."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    first = f'revision = "0001"\n{DROPS}'
    base = Base(commit=commit(tmp_path, **{f"{FOLDER}/é.py": first, f"{FOLDER}/other.py": DROPS}), why="main")

    assert found(base, tmp_path) == []
    (tmp_path / FOLDER / "é.py").rename(tmp_path / FOLDER / "0001_items.py")
    assert found(base, tmp_path) == []

    (tmp_path / FOLDER / "0001_items.py").write_text(f'revision: str = "0002"\n{DROPS}')
    assert found(base, tmp_path) == [("destructive-migration", f"{FOLDER}/0001_items.py", "drops a table")]


@pytest.mark.parametrize("source", [b"\xff", b"\0"])
def test_a_revision_that_is_no_text_is_a_hazard(base: Base, tmp_path: Path, source: bytes) -> None:
    """The comparison continues."""
    (tmp_path / FOLDER / "0002.py").write_bytes(source)

    assert [urn for _, urn, _ in found(base, tmp_path)] == [f"{FOLDER}/0002.py"]
