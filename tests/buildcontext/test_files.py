"""The files that are sent to a build, and their digest."""

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildcontext.digest import content_digest
from buildcontext.errors import ContextError
from buildcontext.files import read_files
from buildcontext.patterns import Ignore
from tests.buildcontext.oracle import TREE, answer, texts


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A context with an ignored folder, an empty folder and a link; the Dockerfile is ignored."""
    folder = tmp_path / "context"
    (folder / "pkg" / "__pycache__").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "pkg" / "main.py").write_text("print()\n")
    (folder / "pkg" / "__pycache__" / "main.pyc").write_bytes(b"\0")
    (folder / "link").symlink_to("nowhere")
    (folder / ".dockerignore").write_text("# comment\n**/__pycache__\nDockerfile\n.dockerignore\n")
    return folder


def sent(context: Path) -> list[str]:
    return [entry.path for entry in read_files(context, context / "Dockerfile")]


def test_lists_the_sent_files(context: Path) -> None:
    """Folders before their content, with empty folders and links, without ignored files."""
    assert sent(context) == ["empty", "link", "pkg", "pkg/main.py"]


def test_a_link_is_sent_as_a_link(context: Path) -> None:
    """It is not followed, so neither files outside nor a folder twice are sent."""
    (context / "up").symlink_to("..")

    links = {entry.path: entry.link for entry in read_files(context, context / "Dockerfile") if entry.link}

    assert links == {"link": "nowhere", "up": ".."}


@pytest.mark.parametrize(
    "change",
    [
        lambda path: (path / "pkg" / "main.py").write_text("print(1)\n"),
        lambda path: (path / "pkg" / "main.py").rename(path / "pkg" / "other.py"),
        lambda path: (path / "pkg" / "new.py").touch(),
        lambda path: (path / "pkg" / "main.py").chmod(0o755),
        lambda path: (path / "pkg" / "main.py").chmod(0o600),
        lambda path: (path / "Dockerfile").write_text("FROM scratch\nUSER 1\n"),
        lambda path: ((path / "link").unlink(), (path / "link").symlink_to("elsewhere")),
        lambda path: (path / "another").mkdir(),
        lambda path: (path / ".dockerignore").write_text("Dockerfile\n"),
        lambda path: (path / "Dockerfile.dockerignore").write_text("pkg\n"),
    ],
    ids=[
        "content",
        "name",
        "new",
        "executable",
        "private",
        "Dockerfile",
        "link",
        "folder",
        "ignore file",
        "own ignore",
    ],
)
def test_the_digest_changes_with_the_sent_files(context: Path, change: Callable[[Path], object]) -> None:
    """And with the Dockerfile, although it is ignored."""
    before = content_digest(context)

    change(context)

    assert content_digest(context) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda path: os.utime(path / "Dockerfile", (0, 0)),
        lambda path: (path / "pkg" / "__pycache__" / "main.pyc").write_bytes(b"\1"),
        lambda path: (path / ".dockerignore").write_text("Dockerfile*\n.dockerignore\n**/__pycache__\n"),
        lambda path: path.rename(path.with_name("moved")),
    ],
    ids=["clock", "ignored file", "other patterns, same files", "location"],
)
def test_the_digest_does_not_depend_on_other_changes(context: Path, change: Callable[[Path], object]) -> None:
    """The sent files are the same."""
    before = content_digest(context)

    change(context)

    assert content_digest(context if context.exists() else context.with_name("moved")) == before


def test_an_ignore_file_of_the_dockerfile_takes_precedence(context: Path) -> None:
    """`NAME.dockerignore` replaces that of the context, also for a Dockerfile outside of it."""
    other = context.parent / "other.Dockerfile"
    other.write_text("FROM scratch\n")
    (context.parent / "other.Dockerfile.dockerignore").write_text("*\n!empty\n")

    assert [entry.path for entry in read_files(context, other)] == ["empty"]


@pytest.mark.parametrize("text", texts(3, 12), ids=range(12))
def test_a_walk_of_a_folder_sends_the_paths_that_the_patterns_allow(tmp_path: Path, text: str) -> None:
    """The result for real files is that of the patterns alone."""
    for name in TREE:
        path = tmp_path / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.touch()
    (tmp_path / "Dockerfile.dockerignore").write_bytes(text.encode())
    expected = answer(text)

    if expected is None:
        with pytest.raises(ContextError):
            sent(tmp_path)
    else:
        assert sorted(set(sent(tmp_path)) - {"Dockerfile.dockerignore"}) == expected


NAME = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=6).filter(
    lambda name: name not in {".", ".."} and len(name.encode()) < 60
)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(files=st.dictionaries(NAME, st.binary(max_size=9), max_size=4), text=st.text(max_size=20))
def test_any_ignore_file_and_file_name_is_accepted_or_refused(files: dict[str, bytes], text: str) -> None:
    """The only error is ContextError. Sent files exist, and the digest is stable."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        (folder / "Dockerfile").write_bytes(b"FROM scratch\n")
        (folder / ".dockerignore").write_bytes(text.encode())
        try:
            Ignore(text)
        except ContextError:
            with pytest.raises(ContextError, match=r"\.dockerignore:\d+: pattern"):
                sent(folder)
        else:
            assert set(sent(folder)) <= {*files, "Dockerfile", ".dockerignore"}
            assert content_digest(folder) == content_digest(folder)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: os.mkfifo(path / "odd"), "odd is a socket, a pipe or a device and cannot be sent to a builder"),
        (lambda path: _socket(path / "odd"), "odd is a socket, a pipe or a device"),
        (lambda path: (path / os.fsdecode(b"\xff")).touch(), r"name b'\\xff' is not UTF-8"),
    ],
    ids=["pipe", "socket", "name"],
)
def test_refuses_files_that_cannot_be_sent_to_a_builder(
    context: Path, make: Callable[[Path], object], message: str
) -> None:
    """With one message. They can be ignored instead."""
    make(context)

    with pytest.raises(ContextError, match=message):
        content_digest(context)
    (context / ".dockerignore").write_text("*\n!pkg\n")
    assert "pkg/main.py" in sent(context)


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of an unprivileged user, because root may read everything; the test runs as that user."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        if os.getuid() == 0:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        try:
            (folder / "secret").mkdir()
            (folder / "secret" / "key").touch()
            (folder / "Dockerfile").write_text("FROM scratch\n")
            yield folder
        finally:
            (folder / "secret").chmod(0o755)
            os.seteuid(os.getuid())


def test_refuses_an_unreadable_folder(unprivileged: Path) -> None:
    """Unless it is ignored: then it is not read, even if the ignore file has an exception within it."""
    (unprivileged / "secret").chmod(0)

    with pytest.raises(ContextError, match=r"secret cannot be read \(Permission denied\); make it readable, or add it"):
        sent(unprivileged)
    (unprivileged / ".dockerignore").write_text("secret\n!secret/key\n")
    assert sent(unprivileged) == [".dockerignore", "Dockerfile"]


@pytest.mark.parametrize("name", ["secret/key", "Dockerfile", ".dockerignore"])
def test_refuses_an_unreadable_file(unprivileged: Path, name: str) -> None:
    """The message has its name."""
    (unprivileged / name).touch()
    (unprivileged / name).chmod(0)

    with pytest.raises(ContextError, match=f"{name} cannot be read"):
        content_digest(unprivileged)


def test_refuses_a_missing_dockerfile_or_context(tmp_path: Path) -> None:
    """Each has its own message."""
    with pytest.raises(ContextError, match=r"Dockerfile .* cannot be read"):
        content_digest(tmp_path)
    with pytest.raises(ContextError, match="is not a folder"):
        list(read_files(tmp_path / "none", tmp_path / "Dockerfile"))
