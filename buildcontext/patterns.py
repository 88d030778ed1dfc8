"""An ignore file: which files it excludes from a build context.

The behaviour is that of BuildKit: github.com/moby/patternmatcher and its package ignorefile read and match the
patterns, and github.com/tonistiigi/fsutil walks the context with them. tests/buildcontext compares the answers.
"""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field

from buildcontext.errors import ContextError
from buildcontext.globs import compile_glob

# The characters that Go's strings.TrimSpace removes: Python's strip() also removes the separators U+001C to U+001F.
_BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"  # noqa: E501


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """One line of an ignore file."""

    matches: Callable[[str], bool]
    exception: bool
    """Whether it starts with `!`, and includes again what an earlier line excludes."""


@dataclass(frozen=True)
class Matches:
    """The patterns that matched a folder; they are not evaluated again for its content."""

    ignored: bool = False
    by_pattern: tuple[bool, ...] = field(default=())


class Ignore:
    """The patterns of an ignore file, in order.

    Args:
        text: the file's content; a byte order mark, comments and blanks around a pattern do not count.
        name: the file's name for messages.

    Raises:
        ContextError: a pattern is invalid; names the line.
    """

    def __init__(self, text: str = "", name: str = ".dockerignore") -> None:
        self._patterns: list[Pattern] = []
        for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
            if not line.startswith("#") and line.strip(_BLANKS):
                try:
                    self._patterns += _pattern(line.strip(_BLANKS))
                except ValueError as error:
                    raise ContextError(f"{name}:{number}: pattern {line.strip(_BLANKS)!r}: {error}") from None

    @property
    def has_exceptions(self) -> bool:
        """Whether some files in an ignored folder may be sent."""
        return any(pattern.exception for pattern in self._patterns)

    def match(self, path: str, folder: Matches) -> Matches:
        """Evaluate a path below a folder that was evaluated before; `Matches()` stands for the context itself.

        The last pattern that matches a path or a folder above it decides.
        """
        ignored, by_pattern = False, [False] * len(self._patterns)
        for number, pattern in enumerate(self._patterns):
            by_folder = bool(folder.by_pattern) and folder.by_pattern[number]
            # A pattern that cannot change the result is not evaluated, and so does not apply to the content either.
            if not by_folder and pattern.exception != ignored:
                continue
            if by_folder or pattern.matches(path):
                by_pattern[number] = True
                ignored = not pattern.exception
        return Matches(ignored, tuple(by_pattern))


def _pattern(text: str) -> list[Pattern]:
    """Clean a pattern in the two steps of Docker: that of ignorefile.ReadAll, and that of patternmatcher.New.

    The list is empty where only blanks are left, as of `./ /`.
    """
    exception = text.startswith("!")
    text = text[1:].strip(_BLANKS) if exception else text
    if text:
        text = _clean(text)
        text = text[1:] if len(text) > 1 and text.startswith("/") else text
    text = (("!" if exception else "") + text).strip(_BLANKS)
    if not text:
        return []
    text = _clean(text)
    if text == "!":
        raise ValueError("an exception needs a path after the !")
    exception = text.startswith("!")
    return [Pattern(matches=compile_glob(text[1:] if exception else text), exception=exception)]


def _clean(path: str) -> str:
    """Do what Go's path.Clean does: remove empty, `.` and inner `..` parts, and a trailing slash."""
    clean = posixpath.normpath(path)
    return clean[1:] if clean.startswith("//") else clean
