"""The paths that an ignore file leaves out, compared with the answers of Docker's own libraries."""

import json

import pytest

from buildcontext.errors import ContextError
from buildcontext.patterns import Ignore, Matches
from tests.buildcontext.oracle import CASES, WRITTEN, answer, pack


def ignored(text: str, path: str) -> bool:
    """Return whether a path is ignored, after the folders above it as in a walk."""
    ignore, judged = Ignore(text), Matches()
    for at in [*(at for at, letter in enumerate(path) if letter == "/"), len(path)]:
        judged = ignore.match(path[:at], judged)
    return judged.ignored


def test_ignores_the_same_paths_as_docker() -> None:
    """1600 ignore files over one tree: the same paths are sent, and the same patterns are refused.

    cases.json has the answers of moby/patternmatcher and fsutil; tests/buildcontext/oracle.py writes it.
    """
    cases = dict(json.loads(CASES.read_text()))

    assert len(cases) > 1500
    assert set(WRITTEN) <= set(cases)
    assert sum(expected is None for expected in cases.values()) > 50
    ours = {text: None if (sent := answer(text)) is None else pack(sent) for text in cases}
    assert {text: found for text, found in ours.items() if found != cases[text]} == {}


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("*\n!src", "src/a.py", False),
        ("*\n!src", "secret/.env", True),
        ("./tmp", "tmp/a", True),
        ("foo/../tmp", "tmp/a", True),
        ("\\[x\\]", "[x]", True),
        ("\\[x\\]", "x", False),
        ("docs\n!docs/keep", "docs/keep", False),
        ("!docs/keep\ndocs", "docs/keep", True),
        ("# not a pattern", "# not a pattern", False),
        ("\ufeffa", "a", True),
        ("  a  ", "a", True),
        ("a\r\nb", "a", True),
        ("A", "a", False),
        ("*.md", "docs/a.md", False),
        ("**/*.md", "a.md", True),
        ("a\\", None, None),
        ("[a", None, None),
        ("src\\app", None, None),
        ("!", None, None),
    ],
)
def test_follows_the_rules_of_the_documentation(text: str, path: str | None, expected: bool | None) -> None:
    """One case for each rule; None is a refused pattern."""
    if path is None:
        with pytest.raises(ContextError):
            Ignore(text)
    else:
        assert ignored(text, path) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ok\n\n[a", r"\.dockerignore:3: pattern '\[a': a \[...\] is not closed"),
        ("src\\app", r":1: pattern 'src\\\\app': a backslash before 'a' has no meaning; folders are separated by /"),
        ("a\\", "it ends with a backslash"),
        ("*\n!", "an exception needs a path after the !"),
        ("[b-a]", "the range b-a is backwards"),
        ("[[:foo:]]", r"the class \[:foo:\] is not supported; supported are alnum"),
        ("[-a]", "a range in .* has no start"),
        ("a{2}*", "as a repeat count"),
    ],
)
def test_reports_the_line_of_an_invalid_pattern(text: str, message: str) -> None:
    """The message has the file, the line, the pattern and its fault."""
    with pytest.raises(ContextError, match=message):
        Ignore(text)
