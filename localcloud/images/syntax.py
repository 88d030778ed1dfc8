"""Splits a Dockerfile into instructions: directives, comments, line continuations, flags and here-documents.

Source: https://docs.docker.com/reference/dockerfile/#format, and for edge cases frontend/dockerfile/parser of BuildKit.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from localcloud.errors import CloudError
from localcloud.images.expansion import expand_words, raw_words

_BLANKS = re.compile(r"[\t\v\f\r ]+")
_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*\Z")
_DIRECTIVES = {"syntax", "escape", "check"}
_SYNTAX = re.compile(r"(docker\.io/)?docker/dockerfile(:[\w.-]+)?(@sha256:[0-9a-f]{64})?\Z")
_HEREDOC = re.compile(r"(\d*)<<(-?)\s*([^<]*)\Z")
_HEREDOC_INSTRUCTIONS = {"ADD", "COPY", "RUN", "ONBUILD"}


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction of a Dockerfile."""

    name: str
    """The name of the instruction in upper case."""
    value: str
    """The unexpanded text after the flags, with continued lines joined."""
    line: int
    """Number of its first line, starting with 1."""
    flags: tuple[str, ...] = ()
    """The flags in the form `--name` or `--name=value`, without quotes."""
    heredocs: str = ""
    """The unexpanded here-documents with their end lines; empty if there are none."""


def read_instructions(text: str) -> tuple[list[Instruction], str]:
    """Split a Dockerfile into instructions, and return them with its escape character.

    Raises:
        CloudError: a directive or a here-document is invalid; the message starts with the line number and a colon.
    """
    lines = text.removeprefix("\ufeff").removesuffix("\n").split("\n")
    escape, at = _directives(lines)
    continued = re.compile(rf"([^\{escape}])\{escape}[ \t]*\Z|^\{escape}[ \t]*\Z")
    result = []
    while at < len(lines):
        start = at + 1
        joined, is_open = "", True
        while is_open and at < len(lines):
            line = lines[at].rstrip("\r")
            at += 1
            if line.lstrip().startswith("#") or (joined and not line.strip()):
                is_open = bool(joined)
                continue
            line = line if joined else line.lstrip()
            is_open = bool(continued.search(line))
            joined += continued.sub(r"\1", line)
        if not joined.strip():
            continue
        try:
            instruction = _instruction(joined, start, escape)
            body, at = _heredocs(instruction, joined, lines, at)
        except CloudError as error:
            raise CloudError(f"{start}: {error}") from None
        result.append(
            Instruction(
                name=instruction.name, value=instruction.value, line=start, flags=instruction.flags, heredocs=body
            )
        )
    return result, escape


def json_list(value: str) -> list[str] | None:
    """Return the list of a value in JSON form, or None if it is not in JSON form.

    Raises:
        CloudError: the JSON list contains items that are not strings.
    """
    if not value.lstrip().startswith("["):
        return None
    try:
        result = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(item, str) for item in result):
        raise CloudError(f"{value}: a JSON list must hold strings only")
    return list(result)


def blank_separated(value: str) -> list[str]:
    """Split a value at whitespace regardless of quotes, as COPY, EXPOSE and VOLUME do."""
    return [word for word in _BLANKS.split(value) if word]


def _directives(lines: list[str]) -> tuple[str, int]:
    """Read the `# name=value` directives at the top; return the escape character and the number of directives."""
    seen: dict[str, str] = {}
    at = 0
    while at < len(lines) and (found := _DIRECTIVE.match(lines[at].rstrip("\r").lstrip())):
        name, value = found[1].lower(), found[2]
        if name not in _DIRECTIVES:
            break
        at += 1
        if name in seen:
            raise CloudError(f"{at}: the directive {name} is given twice; keep one")
        if name == "escape" and value not in {"\\", "`"}:
            raise CloudError(f"{at}: escape={value} is not supported; accepted are \\ and `")
        if name == "syntax" and not _SYNTAX.match(value):
            raise CloudError(
                f"{at}: the frontend {value} is not supported by the local cloud; accepted is docker/dockerfile"
            )
        seen[name] = value
    return seen.get("escape", "\\"), at


def _instruction(line: str, number: int, escape: str) -> Instruction:
    name, *rest = _BLANKS.split(line.strip(), maxsplit=1)
    flags, value = _flags(rest[0], escape) if rest else ([], "")
    return Instruction(name=name.upper(), value=value.strip(), line=number, flags=tuple(flags))


def _flags(text: str, escape: str) -> tuple[list[str], str]:
    """Split off the words that start with `--`; return them and the remaining text."""
    flags: list[str] = []
    at = 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip())
        if not text.startswith("--", at):
            return flags, text[at:]
        word, at = _flag(text, at, escape)
        if word == "--":
            return flags, text[at:]
        flags.append(word)


def _flag(text: str, at: int, escape: str) -> tuple[str, int]:
    word, quote = "", ""
    while at < len(text) and (quote or not text[at].isspace()):
        letter = text[at]
        at += 1
        if letter == escape:
            word += text[at : at + 1]
            at += 1
        elif letter == quote:
            quote = ""
        elif not quote and letter in "'\"":
            quote = letter
        else:
            word += letter
    return word, at


def _heredocs(instruction: Instruction, line: str, lines: list[str], at: int) -> tuple[str, int]:
    """Read the here-documents that a line starts; return their text and the index of the line after them."""
    if instruction.name not in _HEREDOC_INSTRUCTIONS or json_list(instruction.value) is not None:
        return "", at
    body = ""
    for strips_tabs, end in _heredoc_ends(line):
        while True:
            if at >= len(lines):
                raise CloudError(f"the here-document {end} has no end; it needs a line {end}")
            read = lines[at]
            at += 1
            body += f"{read}\n"
            read = read.rstrip("\r")
            if (read.lstrip("\t") if strips_tabs else read) == end:
                break
    return body, at


def _heredoc_ends(line: str) -> Iterator[tuple[bool, str]]:
    if "<<" not in line:
        return
    try:
        words = raw_words(line)
    except CloudError:  # an unclosed quote is handled by the shell, and is not a here-document for BuildKit
        return
    for word in words:
        found = _HEREDOC.match(word)
        if found and found[3] and len(end := expand_words(found[3], {})) == 1:
            yield bool(found[2]), end[0]
