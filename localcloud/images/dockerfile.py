"""A Dockerfile as stages of instructions, with variables replaced."""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dockerfile_parse import DockerfileParser

from localcloud.errors import CloudError

_VARIABLE = re.compile(r"\\\$|\$(?:(\w+)|\{(\w+)(?:(:[-+])([^}]*))?\})")


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction: its name in capitals, its value as written, and its line, counted from 1."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What follows one FROM."""

    base: str
    """An image reference, or the name of an earlier stage."""
    name: str
    """After AS; else its number."""
    instructions: list[Instruction] = field(default_factory=list)


def stages(text: str, build_args: Mapping[str, str]) -> list[Stage]:
    """Split a Dockerfile; arguments before the first FROM may be used in FROM only, as Docker has it.

    Raises:
        CloudError: there is no FROM.
    """
    arguments: dict[str, str] = {}
    result: list[Stage] = []
    for part in _structure(text):
        instruction = Instruction(name=part["instruction"].upper(), value=part["value"], line=part["startline"] + 1)
        if instruction.name == "COMMENT":
            continue
        if instruction.name == "FROM":
            words = [word for word in instruction.value.split() if not word.startswith("--")]
            name = words[2] if len(words) == 3 and words[1].upper() == "AS" else str(len(result))
            result.append(Stage(base=substitute(words[0], arguments), name=name.lower()))
        elif result:
            result[-1].instructions.append(instruction)
        elif instruction.name == "ARG":
            arguments |= argument(instruction.value, arguments, build_args)
    if not result:
        raise CloudError("the Dockerfile has no FROM")
    return result


def argument(value: str, known: Mapping[str, str], build_args: Mapping[str, str]) -> dict[str, str]:
    """What an ARG instruction defines: the build's value before the default."""
    result: dict[str, str] = {}
    for word in words(value):
        name, equals, default = word.partition("=")
        if name in build_args:
            result[name] = build_args[name]
        elif equals:
            result[name] = substitute(default, known)
    return result


def pairs(value: str, known: Mapping[str, str]) -> dict[str, str]:
    """The `NAME=value …` (or the old `NAME value`) of ENV and LABEL."""
    first, _, rest = value.partition(" ")
    if "=" not in first:
        return {first: substitute(rest.strip(), known)}
    result = {}
    for word in words(value):
        name, _, text = word.partition("=")
        result[name] = substitute(text, known)
    return result


def arguments_of(value: str) -> list[str]:
    """The argument vector of CMD and ENTRYPOINT: a JSON list as it is, else by the shell."""
    listed = json_list(value)
    return ["/bin/sh", "-c", value] if listed is None else listed


def json_list(value: str) -> list[str] | None:
    """A value in JSON form, or None where it is not."""
    try:
        result = json.loads(value)
    except ValueError:
        return None
    return result if isinstance(result, list) and all(isinstance(item, str) for item in result) else None


def substitute(text: str, known: Mapping[str, str]) -> str:
    """Replace $NAME, ${NAME}, ${NAME:-default} and ${NAME:+alternative}; an unknown name becomes empty."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "\\$":
            return "$"
        found = known.get(match[1] or match[2], "")
        if match[3] == ":-":
            return found or match[4]
        if match[3] == ":+":
            return match[4] if found else ""
        return found

    return _VARIABLE.sub(value, text)


def words(value: str) -> list[str]:
    """Split at blanks outside quotes, and drop the quotes."""
    result, current, quote, escaped = [], "", "", False
    for letter in value:
        if escaped:
            current += letter if letter in "\"' \\" else f"\\{letter}"
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == quote:
            quote = ""
        elif not quote and letter in "\"'":
            quote = letter
        elif not quote and letter.isspace():
            if current:
                result.append(current)
            current = ""
        else:
            current += letter
    return [*result, current] if current else result


def _structure(text: str) -> list[dict[str, Any]]:
    parser = DockerfileParser(fileobj=io.BytesIO(text.encode()), env_replace=False)
    structure: list[dict[str, Any]] = parser.structure
    return structure
