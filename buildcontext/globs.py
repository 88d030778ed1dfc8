r"""Convert a pattern of an ignore file to a regular expression with the same meaning as in Docker.

Docker documents the syntax as that of Go's path/filepath.Match plus `**`, which matches any number of folders
(https://docs.docker.com/build/concepts/context/#dockerignore-files). Its behaviour in special cases follows from its
implementation (https://github.com/moby/patternmatcher): it builds a Go regular expression, character by character, and
does not know whether it is inside a `[...]`. This module builds the same expression and converts it to Python's syntax.

A backslash before a letter or a digit is refused. Docker passes it to the expression, where `\d` is any digit and
`\a` a control character, which is not what the author of `src\app` means.
"""

import re
import string
from collections.abc import Callable

_WORDS = frozenset(string.ascii_letters + string.digits)
_REPEAT = re.compile(r"(?<!\\)\{\d+(,\d*)?\}")
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\\x00-\\x7f",
    "blank": "\\t ",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\t\\n\\v\\f\\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}


def compile_glob(pattern: str) -> Callable[[str], bool]:
    """Return a function that tests whether a path matches a cleaned pattern, such as `src/**/*.py`.

    Raises:
        ValueError: the pattern is invalid; the message says why.
    """
    _check(pattern)
    expression, kind = _expression(pattern)
    if kind == "exact":
        return pattern.__eq__
    if kind == "prefix":
        return lambda path: path.startswith(pattern[:-2])
    if kind == "suffix":
        suffix = pattern[2:]
        return lambda path: path.endswith(suffix) or (suffix[:1] == "/" and path == suffix[1:])
    if _REPEAT.search(expression):
        raise ValueError("Docker reads a number in {} as a repeat count; write \\{ for the character itself")
    search = re.compile(_python(expression)).search
    return lambda path: search(path) is not None


def _check(pattern: str) -> None:
    """Raise where the pattern does not follow the documented syntax.

    Docker checks a pattern only until its comparison with "." ends, and so accepts some of these.
    """
    rest = pattern
    while rest:
        letter, rest = rest[0], rest[1:]
        if letter == "\\":
            rest = _escaped(rest)
        elif letter == "[":
            rest = _check_class(rest)


def _check_class(rest: str) -> str:
    rest = rest.removeprefix("^")
    members = 0
    while not (rest.startswith("]") and members):
        _, rest = _member(rest)
        if rest.startswith("-"):
            _, rest = _member(rest[1:])
        members += 1
    return rest[1:]


def _member(rest: str) -> tuple[str, str]:
    """Return one character of a class, and the rest after it."""
    if rest[:1] in {"", "]"}:
        raise ValueError("a [...] is not closed, or empty; write \\[ for the character itself")
    if rest[0] == "-":
        raise ValueError("a range in [...] has no start; write \\- for the character itself")
    if rest[0] == "\\":
        after = _escaped(rest[1:])
        rest = rest[1:]
    else:
        after = rest[1:]
    if not after:
        raise ValueError("a [...] is not closed; write \\[ for the character itself")
    return rest[0], after


def _escaped(rest: str) -> str:
    """Return the rest after the escaped character."""
    if not rest:
        raise ValueError("it ends with a backslash; write \\\\ for the character itself")
    if rest[0] in _WORDS or not rest[0].isascii():
        raise ValueError(f"a backslash before {rest[0]!r} has no meaning; folders are separated by /")
    return rest[1:]


def _expression(pattern: str) -> tuple[str, str]:
    """Return the Go regular expression, and the kind of comparison: exact, prefix, suffix or regexp."""
    result, kind, at = "", "exact", 0
    while at < len(pattern):
        start, letter = at, pattern[at]
        at += 1
        if letter == "*" and pattern[at : at + 1] == "*":
            at += 1
            at += pattern[at : at + 1] == "/"
            if at < len(pattern):
                result, kind = result + "(.*/)?", "regexp"
            elif kind == "exact":
                kind = "prefix"
            else:
                result, kind = result + ".*", "regexp"
            if start == 0:
                kind = "suffix"
        elif letter in "*?":
            result, kind = result + ("[^/]*" if letter == "*" else "[^/]"), "regexp"
        elif letter in ".+()$":  # but not |, which therefore separates alternatives
            result += f"\\{letter}"
        elif letter == "\\":
            result, kind = result + pattern[start : start + 2], "regexp"
            at += 1
        else:
            result += letter
            kind = "regexp" if letter in "[]" else kind
    return result, kind


def _python(expression: str) -> str:
    """Convert such a Go expression to Python: the two differ in classes and in the end of the text."""
    result, at = "", 0
    while at < len(expression):
        letter = expression[at]
        if letter == "[":
            text, at = _class(expression, at + 1)
            result += text
        elif letter == "\\":
            result += re.escape(expression[at + 1])
            at += 2
        else:  # these are operators here; everything else is a character
            result += letter if letter in "().*?^|" else re.escape(letter)
            at += 1
    return rf"^{result}\Z"


def _class(expression: str, at: int) -> tuple[str, int]:
    negated = expression[at] == "^"
    at += negated
    result, first = "", True
    while first or expression[at] != "]":
        first = False
        if expression.startswith("[:", at) and ":]" in expression[at + 2 :]:
            name, _, _ = expression[at + 2 :].partition(":]")
            if name not in _POSIX:
                raise ValueError(f"the class [:{name}:] is not supported; supported are {', '.join(sorted(_POSIX))}")
            result += _POSIX[name]
            at += len(f"[:{name}:]")
            continue
        low, at = _character(expression, at)
        high = low
        if expression[at : at + 1] == "-" and expression[at + 1 : at + 2] not in {"", "]"}:
            high, at = _character(expression, at + 1)
        if high < low:
            raise ValueError(f"the range {low}-{high} is backwards")
        result += f"{re.escape(low)}-{re.escape(high)}"
    return f"[{'^' if negated else ''}{result}]", at + 1


def _character(expression: str, at: int) -> tuple[str, int]:
    return (expression[at + 1], at + 2) if expression[at] == "\\" else (expression[at], at + 1)


def compile_path_match(pattern: str) -> Callable[[str], bool]:
    """Return a function that tests whether a path matches a pattern of Go's filepath.Match, as in the sources of COPY.

    Raises:
        ValueError: the pattern is invalid; the message says why.
    """
    _check(pattern)
    result, rest = "", pattern
    while rest:
        letter, rest = rest[0], rest[1:]
        if letter in "*?":
            result += "[^/]*" if letter == "*" else "[^/]"
        elif letter == "[":
            text, rest = _match_class(rest)
            result += text
        else:
            if letter == "\\":
                letter, rest = rest[0], rest[1:]
            result += re.escape(letter)
    matches = re.compile(result).fullmatch
    return lambda path: matches(path) is not None


def _match_class(rest: str) -> tuple[str, str]:
    negated = rest.startswith("^")
    rest = rest.removeprefix("^")
    result = ""
    while not (rest.startswith("]") and result):
        low, rest = _member(rest)
        high = low
        if rest.startswith("-"):
            high, rest = _member(rest[1:])
        if high < low:
            raise ValueError(f"the range {low}-{high} is backwards")
        result += f"{re.escape(low)}-{re.escape(high)}"
    return f"[{'^' if negated else ''}{result}]", rest[1:]
