"""The identity of a build context: a digest of what is in it, whatever the clock and the machine."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path


def content_digest(context: Path) -> str:
    """Give the SHA-256, in hex, of the paths, modes and bytes of the files a build would be sent."""
    digest = hashlib.sha256()
    for path in sorted(context_files(context)):
        content = (context / path).read_bytes()
        executable = (context / path).stat().st_mode & 0o100
        digest.update(f"{path}\0{'x' if executable else '-'}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def context_files(context: Path) -> Iterator[str]:
    """List the files of a context as slash-separated relative paths, without what its .dockerignore excludes."""
    ignore = context / ".dockerignore"
    patterns = read_ignore(ignore.read_text().splitlines()) if ignore.exists() else []
    for path in context.rglob("*"):
        relative = path.relative_to(context).as_posix()
        if path.is_file() and not is_ignored(relative, patterns):
            yield relative


def read_ignore(lines: Sequence[str]) -> list[tuple[re.Pattern[str], bool]]:
    """Read the lines of a .dockerignore as pairs of a pattern and whether it excludes (`!` takes back in)."""
    patterns = []
    for line in lines:
        text = line.strip()
        if text and not text.startswith("#"):
            excludes = not text.startswith("!")
            patterns.append((_pattern(text.lstrip("!").strip().strip("/")), excludes))
    return patterns


def is_ignored(path: str, patterns: Sequence[tuple[re.Pattern[str], bool]]) -> bool:
    """Tell whether a path is excluded: the last pattern that matches it or a folder above it decides."""
    ignored = False
    for pattern, excludes in patterns:
        if pattern.match(path):
            ignored = excludes
    return ignored


def _pattern(glob: str) -> re.Pattern[str]:
    """Translate Docker's glob: `**` spans folders, `*` and `?` do not; a folder matches all that is in it."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    tokens = re.findall(r"\*\*/|\*\*|\*|\?|\[[^]]*\]|.", glob)
    body = "".join(parts.get(t, t if t.startswith("[") and len(t) > 1 else re.escape(t)) for t in tokens)
    return re.compile(rf"{body}(?:/.*)?\Z", re.DOTALL)
