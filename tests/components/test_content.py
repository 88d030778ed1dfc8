"""The digest of a build context: what it depends on, and what it does not."""

import os
from pathlib import Path

import pytest

from components._content import content_digest, context_files, is_ignored, read_ignore


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A context with an ignored folder."""
    (tmp_path / "pkg" / "__pycache__").mkdir(parents=True)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "pkg" / "main.py").write_text("print()\n")
    (tmp_path / "pkg" / "__pycache__" / "main.pyc").write_bytes(b"\0")
    (tmp_path / ".dockerignore").write_text("# comment\n**/__pycache__\n")
    return tmp_path


def test_clock_and_ignored_files_do_not_count(context: Path) -> None:
    """Touching a file, or changing one that is not sent, gives the same digest."""
    before = content_digest(context)

    os.utime(context / "Dockerfile", (0, 0))
    (context / "pkg" / "__pycache__" / "main.pyc").write_bytes(b"\1")

    assert content_digest(context) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda path: (path / "pkg" / "main.py").write_text("print(1)\n"),
        lambda path: (path / "pkg" / "main.py").rename(path / "pkg" / "other.py"),
        lambda path: (path / "pkg" / "new.py").touch(),
        lambda path: (path / "pkg" / "main.py").chmod(0o755),
    ],
    ids=["content", "name", "new file", "mode"],
)
def test_what_is_sent_counts(context: Path, change: object) -> None:
    """Bytes, names and modes of the files that are sent change the digest."""
    before = content_digest(context)

    change(context)  # type: ignore[operator]

    assert content_digest(context) != before


def test_lists_what_is_sent(context: Path) -> None:
    """Ignored files are not in it."""
    assert sorted(context_files(context)) == [".dockerignore", "Dockerfile", "pkg/main.py"]


@pytest.mark.parametrize(
    ("lines", "path", "ignored"),
    [
        (["*.md"], "README.md", True),
        (["*.md"], "docs/README.md", False),
        (["**/*.md"], "docs/README.md", True),
        (["**/*.md"], "README.md", True),
        (["docs"], "docs/a/b", True),
        (["docs"], "docs2/a", False),
        (["docs/", "!docs/keep"], "docs/keep", False),
        (["docs/", "!docs/keep"], "docs/other", True),
        (["/build"], "build/x", True),
        (["file?"], "file1", True),
        (["*"], "anything/below", True),
        (["*", "!app"], "app/main.py", False),
        (["[ab].txt"], "a.txt", True),
    ],
)
def test_reads_dockerignore_as_docker_does(lines: list[str], path: str, ignored: bool) -> None:
    """Patterns are rooted, `**` spans folders, a folder takes all in it, and the last match decides."""
    assert is_ignored(path, read_ignore(lines)) is ignored
