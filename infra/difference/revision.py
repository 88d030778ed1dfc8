"""The commit to compare with, and its files. The user's checkout and index are only read."""

import hashlib
import io
import os
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from infra.engine.places import ROOT
from infra.errors import InputError, OperationError

MAIN_BRANCHES = ("origin/HEAD", "origin/main", "main", "origin/master", "master")
NOT_READ = frozenset(
    (
        *("tests", "docs", "bench", "localcloud", "bootstrap", ".github"),
        *("Makefile", "LICENSE", "schema.json", "approvals.toml"),
    )
)
"""Top-level names that no program of an environment reads, unless its stack file names them."""
LOCK = "requirements.lock"
SHALLOW = "a shallow clone lacks commits: git fetch --unshallow, or fetch-depth: 0 in actions/checkout"


@dataclass(frozen=True, kw_only=True)
class Base:
    """A commit to compare with."""

    commit: str
    why: str
    """Why this commit was chosen, such as `merge base with origin/main`."""

    @property
    def described(self) -> str:
        """The commit and the reason in messages."""
        return f"commit {self.commit[:9]} ({self.why})"


def resolve(ref: str | None, root: Path = ROOT) -> Base:
    """Return the commit of a reference; by default the last one that the current branch shares with the main branch.

    Raises:
        InputError: there is no repository, no such reference, or no main branch.
    """
    if not git(root, "rev-parse", "--git-dir", check=False):
        raise InputError(f"{root} is not a git repository, so there is no commit to compare with; use --state FILE")
    if ref is not None:
        commit = git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", check=False)
        if not commit or commit.startswith("^"):  # `^REF` excludes a commit
            raise InputError(f"--base {ref or repr(ref)}: no such commit or branch in this repository; {SHALLOW}")
        return Base(commit=commit, why=ref)
    head = git(root, "rev-parse", "--verify", "--quiet", "HEAD", check=False)
    for branch in MAIN_BRANCHES if head else ():
        commit = git(root, "merge-base", "HEAD", branch, check=False)
        if commit == head:
            return Base(commit=commit, why="HEAD, compared with the files that are not committed")
        if commit:
            return Base(commit=commit, why=f"merge base with {branch}")
    raise InputError(
        f"no commit to compare with: HEAD has no commit in common with {', '.join(MAIN_BRANCHES)}; name one with "
        f"--base REF; {SHALLOW}"
    )


def key(base: Base, stack: str, root: Path = ROOT) -> str:
    """Return a hash of the files that the program of a stack reads in a commit."""
    kept = []
    settings = git(root, "show", f"{base.commit}:./Pulumi.{stack}.yaml", check=False)
    for entry in git(root, "ls-tree", "-z", base.commit).split("\0"):
        name = entry.partition("\t")[2]
        other_stack = name.startswith("Pulumi.") and name not in ("Pulumi.yaml", f"Pulumi.{stack}.yaml")
        ignored = other_stack or name.endswith(".md") or (name in NOT_READ and f"{name}/" not in settings)
        if name and not ignored:
            kept.append(entry)
    return hashlib.sha256("\0".join(kept).encode()).hexdigest()


def extract(base: Base, folder: Path, root: Path = ROOT) -> None:
    """Write the files of a commit to a folder.

    Raises:
        OperationError: git fails.
    """
    done = subprocess.run(["git", "archive", "--format=tar", base.commit], cwd=root, capture_output=True, check=False)
    if done.returncode:
        raise OperationError(f"git archive {base.commit[:9]} failed: {done.stderr.decode(errors='replace').strip()}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")


def has_file(base: Base, name: str, root: Path = ROOT) -> bool:
    """Return whether a commit has a file."""
    return bool(git(root, "ls-tree", "--name-only", base.commit, "--", name, check=False))


def text_of(base: Base, name: str, root: Path = ROOT) -> str:
    """Return the text of a file in a commit; "" if it has none."""
    return git(root, "show", f"{base.commit}:./{name}", check=False)


def changed_packages(base: Base, root: Path = ROOT) -> list[str]:
    """Return the packages of the lock whose version differs, each as `name 1.0 -> 1.1`."""
    before = _versions(git(root, "show", f"{base.commit}:./{LOCK}", check=False).splitlines())
    lock = root / LOCK
    after = _versions(lock.read_text().splitlines() if lock.exists() else ())
    return [
        f"{name} {before.get(name, 'none')} -> {after.get(name, 'none')}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _versions(lines: Iterable[str]) -> dict[str, str]:
    pairs = (line.split(";")[0].strip(" \\").partition("==") for line in lines if line[:1].isalnum())
    return {name: version.strip() for name, _, version in pairs if version}


def git(root: Path, *arguments: str, check: bool = True) -> str:
    """Return the output of a git command that only reads; "" if it fails and `check` is False.

    Raises:
        OperationError: it fails.
    """
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise InputError("git is not installed, so there is no commit to compare with; use --state FILE") from None
    if done.returncode and check:
        raise OperationError(f"git {' '.join(arguments[:2])} failed: {done.stderr.strip()}")
    return done.stdout.strip() if done.returncode == 0 else ""
