"""The digest of a build context, compared with a model of the hash that makes docker-build build again.

The model follows hashBuildContext of github.com/pulumi/pulumi-docker-build, provider/internal/context.go: the
content of the Dockerfile, then content, path and mode of each sent file; a link counts as its target.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from buildcontext.digest import content_digest

NAMES = ("main.py", "pkg", "other", "Dockerfile.txt")
CONTENTS = st.binary(max_size=3)
FILE = st.tuples(st.just("file"), CONTENTS, st.sampled_from([0o644, 0o755, 0o600]))
LINK = st.tuples(st.just("link"), st.sampled_from([*NAMES, "../outside", "ignored"]), st.just(0))
FOLDER = st.tuples(st.just("folder"), st.dictionaries(st.sampled_from(NAMES), FILE, max_size=2), st.just(0o755))
TREES = st.fixed_dictionaries(
    {"Dockerfile": FILE, "ignored": FILE},
    optional={name: st.one_of(FILE, LINK, FOLDER) for name in NAMES},
)


def write(folder: Path, tree: Mapping[str, Any]) -> None:
    folder.mkdir()
    for name, (kind, value, mode) in tree.items():
        path = folder / name
        if kind == "file":
            path.write_bytes(value)
            path.chmod(mode)
        elif kind == "link":
            path.symlink_to(value)
        else:
            write(path, value)


@contextmanager
def context(tree: Mapping[str, Any], outside: bytes, ignore: str) -> Iterator[Path]:
    """Yield a context next to a file `outside`, which may be the target of its links."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "outside").write_bytes(outside)
        write(Path(folder) / "app", tree)
        (Path(folder) / "app" / ".dockerignore").write_text(ignore)
        yield Path(folder) / "app"


def model(folder: Path, ignored: set[str]) -> list[bytes] | None:
    """Return what docker-build hashes, in its order; None if it fails, because the target of a link is missing."""
    found = [(folder / "Dockerfile").read_bytes()]
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).parts):
        name = path.relative_to(folder)
        mode = path.lstat().st_mode
        if name.parts[0] in ignored or stat.S_ISDIR(mode) or path.is_dir():
            continue
        try:
            found += [path.read_bytes(), str(name).encode(), f"{mode:o}".encode()]
        except OSError:
            return None
    return found


IGNORES = st.lists(st.sampled_from(["ignored", "Dockerfile", ".dockerignore"]), min_size=1, unique=True)


@given(TREES, TREES, CONTENTS, CONTENTS, IGNORES)
def test_the_digest_changes_if_docker_build_would_build_again(
    first: dict[str, Any], second: dict[str, Any], outside: bytes, later: bytes, ignored: list[str]
) -> None:
    """Contexts with different hashes of docker-build have different digests; an ignored Dockerfile counts."""
    seen = []
    for tree, content in ((first, outside), (second, later)):
        with context(tree, content, "\n".join(ignored)) as folder:
            seen.append((model(folder, set(ignored)), content_digest(folder)))
    (expected, digest), (other, another) = seen

    if None not in (expected, other) and expected != other:
        assert digest != another


@given(TREES, CONTENTS, IGNORES)
def test_the_digest_does_not_depend_on_the_location_and_dates(
    tree: dict[str, Any], outside: bytes, ignored: list[str]
) -> None:
    """A copy with other dates has the same digest."""
    with context(tree, outside, "\n".join(ignored)) as folder:
        digest = content_digest(folder)
        moved = folder.with_name("moved")
        shutil.copytree(folder, moved, symlinks=True)
        for path in moved.rglob("*"):
            os.utime(path, (1, 1), follow_symlinks=False)

        assert content_digest(moved) == digest


@given(st.tuples(CONTENTS, CONTENTS).filter(lambda pair: pair[0] != pair[1]))
def test_the_digest_includes_the_target_of_a_link_outside_the_context(contents: tuple[bytes, bytes]) -> None:
    """docker-build hashes the target, too."""
    tree = {"Dockerfile": ("file", b"FROM scratch\n", 0o644), "main.py": ("link", "../outside", 0)}
    digests = set()
    for content in contents:
        with context(tree, content, "Dockerfile") as folder:
            digests.add(content_digest(folder))

    assert len(digests) == 2
