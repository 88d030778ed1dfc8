"""The commit to compare with, and what of it a recorded state depends on."""

import re
import subprocess
from pathlib import Path

import pytest

from infra.difference import revision
from infra.errors import InputError


def git(root: Path, *arguments: str) -> str:
    """Run git in a repository of a test."""
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ["git", *identity, *arguments], cwd=root, capture_output=True, text=True, check=True
    ).stdout.strip()


def commit(root: Path, **files: str) -> str:
    """Write files, commit them, and return the commit."""
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=x")
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with one commit on main."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(
        tmp_path,
        infra__program="a",
        docs__page="a",
        README="a",
        **{"requirements.lock": "boto3==1.0 \\\n    --hash=x\n"},
    )
    return tmp_path


def test_the_base_of_a_branch_is_its_merge_base_with_main(repository: Path) -> None:
    """Later commits on main do not count."""
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "--quiet", "-b", "branch")
    commit(repository, infra__program="b")
    git(repository, "checkout", "--quiet", "main")
    commit(repository, infra__other="c")
    git(repository, "checkout", "--quiet", "branch")

    assert revision.resolve(None, repository) == revision.Base(commit=first, why="merge base with main")


def test_the_base_of_main_is_its_last_commit(repository: Path) -> None:
    """Then only files that are not committed differ."""
    found = revision.resolve(None, repository)

    assert found.commit == git(repository, "rev-parse", "HEAD")
    assert "not committed" in found.why


@pytest.mark.parametrize("ref", ["nothing", "--output=x", "^HEAD", "HEAD^{tree}", "HEAD..HEAD", ""])
def test_a_reference_that_does_not_exist_is_refused(repository: Path, ref: str) -> None:
    """An option of git, a tree or a range is no reference to a commit."""
    shown = re.escape(ref or "''")
    with pytest.raises(InputError, match=f"^--base {shown}: no such commit"):
        revision.resolve(ref, repository)


def test_a_folder_without_git_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the other possibility."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    with pytest.raises(InputError, match="--state FILE"):
        revision.resolve(None, tmp_path)


def test_a_state_depends_on_what_the_program_reads(repository: Path) -> None:
    """Documentation, tests and other stacks do not count; folders that the settings name do."""
    before = revision.key(revision.resolve("main", repository), "dev", repository)
    commit(repository, docs__page="b", tests__test="b", **{"Pulumi.prod.yaml": "b", "OTHER.md": "b"})
    same = revision.key(revision.resolve("main", repository), "dev", repository)
    commit(repository, **{"Pulumi.dev.yaml": "image: tests/service"})
    named = revision.key(revision.resolve("main", repository), "dev", repository)
    commit(repository, tests__test="c")
    service = revision.key(revision.resolve("main", repository), "dev", repository)

    assert before == same
    assert len({same, named, service}) == 3


def test_the_files_of_a_commit_are_written_without_touching_the_checkout(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither its files nor its index."""
    base = revision.resolve("main", repository)
    (repository / "infra" / "program").write_text("edited")
    before = git(repository, "status", "--porcelain")
    folder = tmp_path_factory.mktemp("files")

    revision.extract(base, folder, repository)

    assert (folder / "infra" / "program").read_text() == "a"
    assert git(repository, "status", "--porcelain") == before


def test_packages_with_another_version_are_named(repository: Path) -> None:
    """Also those that only one of the locks has."""
    base = revision.resolve("main", repository)
    (repository / "requirements.lock").write_text("boto3==1.1 \\\n    --hash=x\nnew==2 ; python_version > '3'\n")

    assert revision.changed_packages(base, repository) == ["boto3 1.0 -> 1.1", "new none -> 2"]
