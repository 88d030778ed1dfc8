"""Expands variables and removes quotes in the words of a Dockerfile, as BuildKit does.

Source: https://docs.docker.com/reference/dockerfile/#environment-replacement, and for edge cases the BuildKit package
frontend/dockerfile/shell. Substitutions with patterns (`${x#…}`, `${x%…}`, `${x/…/…}`) are not supported.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.errors import CloudError

_SPECIAL = "@*#?-$!0"
_ACCEPTED = "accepted are $x, ${x}, ${x:-word}, ${x-word}, ${x:+word}, ${x+word}, ${x:?message} and ${x?message}"


def expand(text: str, known: Mapping[str, str], escape: str = "\\") -> str:
    """Expand variables and remove quotes; an unknown variable is replaced by an empty string.

    Raises:
        CloudError: a quote or a brace is not closed, or a substitution is not supported.
    """
    return _Reader(text, known, escape).read()[0]


def expand_words(text: str, known: Mapping[str, str], escape: str = "\\") -> list[str]:
    """Expand a text as `expand` does, and split the result at whitespace outside quotes."""
    return _Reader(text, known, escape).read()[1]


def raw_words(text: str) -> list[str]:
    """Split a text at whitespace outside quotes, and keep quotes, escapes and variables unchanged."""
    return _Reader(text, {}, "\\", raw=True).read()[1]


@dataclass
class _Reader:
    text: str
    known: Mapping[str, str]
    escape: str
    raw: bool = False
    at: int = 0

    def read(self, stop: str = "") -> tuple[str, list[str]]:
        """Read to the end or to a closing character; return the expanded text, as a whole and split into words."""
        result, words = "", _Words()
        while self._peek():
            letter = self._peek()
            if letter == stop:
                self.at += 1
                return result, words.done()
            if letter == "$":
                found = self._variable()
                words.add(found)
            elif letter in "'\"":
                found = self._quoted()
                words.add_whole(found)
            elif self.text.startswith("<<", self.at):
                found = self._heredoc()
                words.add_whole(found)
            elif letter == self.escape:
                self.at += 1
                found = (letter if self.raw else "") + self._next()
                words.add_whole(found)
            else:
                found = self._next()
                words.add(found)
            result += found
        if stop:
            raise CloudError(f"{self.text!r}: a {stop} is missing")
        return result, words.done()

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _next(self) -> str:
        self.at += 1
        return self.text[self.at - 1 : self.at]

    def _heredoc(self) -> str:
        """Read `<<` and the whitespace before its word, which are one unit."""
        start = self.at
        self.at += 2
        while self._peek() in {" ", "\t", "\r"}:
            self.at += 1
        return self.text[start : self.at]

    def _quoted(self) -> str:
        quote = self._next()
        result = quote if self.raw else ""
        while self._peek() != quote:
            letter = self._peek()
            if not letter:
                raise CloudError(f"{self.text!r}: a quote {quote} is not closed")
            if quote == '"' and letter == "$":
                result += self._variable()
                continue
            self.at += 1
            if quote == '"' and letter == self.escape:
                if self.raw:
                    result += letter
                if not self._peek():
                    continue
                if self._peek() in {'"', "$", self.escape}:
                    letter = self._next()
            result += letter
        return result + (self._next() if self.raw else self._next()[:0])

    def _variable(self) -> str:
        start = self.at
        self.at += 1
        if self._peek() != "{":
            name = self._name()
            return f"${name}" if self.raw or not name else self.known.get(name, "")
        self.at += 1
        name = self._name() if self._peek() not in {"", "{", "}", ":"} else ""
        operator = self._next()
        if operator == ":":
            operator += self._next()
        if name and operator == "}":
            return self.text[start : self.at] if self.raw else self.known.get(name, "")
        if not name or operator not in {"-", "+", "?", ":-", ":+", ":?"}:
            raise CloudError(f"{self.text!r}: this substitution is not supported; {_ACCEPTED}")
        word, _ = self.read("}")
        return self.text[start : self.at] if self.raw else self._substituted(name, operator, word)

    def _substituted(self, name: str, operator: str, word: str) -> str:
        value = self.known.get(name)
        is_set = value is not None and (value != "" or len(operator) == 1)
        match operator[-1]:
            case "-":
                return (value or "") if is_set else word
            case "+":
                return word if is_set else ""
        if not is_set:
            raise CloudError(f"{name}: {word or 'must be set'}")
        return value or ""

    def _name(self) -> str:
        start = self.at
        if self._peek().isdigit():
            while self._peek().isdigit():
                self.at += 1
        elif self._peek() and self._peek() in _SPECIAL:
            self.at += 1
        else:
            while self._peek().isalnum() or self._peek() == "_":
                self.at += 1
        return self.text[start : self.at]


class _Words:
    def __init__(self) -> None:
        self._words: list[str] = []
        self._word = ""

    def add(self, text: str) -> None:
        """Add text that is split at whitespace."""
        for letter in text:
            if not letter.isspace():
                self._word += letter
            elif self._word:
                self.done()

    def add_whole(self, text: str) -> None:
        """Add text that is not split."""
        self._word += text

    def done(self) -> list[str]:
        if self._word:
            self._words.append(self._word)
            self._word = ""
        return self._words
