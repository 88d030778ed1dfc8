"""Parses a Dockerfile into stages of validated instructions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from localcloud.errors import CloudError
from localcloud.images.expansion import expand
from localcloud.images.runtime import healthcheck
from localcloud.images.syntax import Instruction, blank_separated, json_list, read_instructions

# The instructions of https://docs.docker.com/reference/dockerfile/ with their flags, and whether a flag takes a value.
FLAGS: Mapping[str, Mapping[str, bool]] = {
    "ADD": {
        "chmod": True,
        "chown": True,
        "link": False,
        "checksum": True,
        "exclude": True,
        "keep-git-dir": False,
        "unpack": False,
    },
    "ARG": {},
    "CMD": {},
    "COPY": {"chmod": True, "chown": True, "from": True, "link": False, "exclude": True, "parents": False},
    "ENTRYPOINT": {},
    "ENV": {},
    "EXPOSE": {},
    "FROM": {"platform": True},
    "HEALTHCHECK": {
        "interval": True,
        "timeout": True,
        "start-period": True,
        "start-interval": True,
        "retries": True,
    },
    "LABEL": {},
    "MAINTAINER": {},
    "ONBUILD": {},
    "RUN": {"mount": True, "network": True, "security": True, "device": True},
    "SHELL": {},
    "STOPSIGNAL": {},
    "USER": {},
    "VOLUME": {},
    "WORKDIR": {},
}
_REPEATED = {"mount", "exclude", "device"}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One build stage: a FROM and the instructions after it."""

    base: str
    """An image reference, or the name of an earlier stage."""
    name: str
    """The name after AS in lower case; empty if there is none."""
    line: int
    instructions: list[Instruction] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Dockerfile:
    """A parsed Dockerfile."""

    stages: list[Stage]
    arguments: Mapping[str, str]
    """Values for `ARG NAME` in a stage: the ARGs before the first FROM, and those that BuildKit sets automatically."""
    escape: str


def read_dockerfile(text: str, build_args: Mapping[str, str], platform: str, target: str = "") -> Dockerfile:
    """Split a Dockerfile into its stages.

    Args:
        text: the content of the Dockerfile.
        build_args: values for ARG.
        platform: os/architecture[/variant] of both the target and the build platform.
        target: the name of the stage to build, for TARGETSTAGE; the last one by default.

    Raises:
        CloudError: the file is malformed, or has an unknown instruction or flag; the message starts with the line.
    """
    instructions, escape = read_instructions(text)
    result: list[Stage] = []
    names = [_stage_name(one) for one in instructions if one.name == "FROM"]
    arguments = _automatic(platform, target or (names[-1] if names else "")) | {
        name: value for name, value in build_args.items() if name in _automatic(platform, "")
    }
    for instruction in instructions:
        try:
            flags = read_flags(instruction)
            _check(instruction, flags, escape)
            if instruction.name == "FROM":
                result.append(_stage(instruction, flags, arguments, escape, platform))
            elif result:
                result[-1].instructions.append(instruction)
            elif instruction.name == "ARG":
                arguments |= argument(instruction.value, arguments, build_args, escape)
            else:
                raise CloudError(f"the Dockerfile has no FROM before {instruction.name}; only ARG may come first")
        except CloudError as error:
            raise CloudError(f"{instruction.line}: {error}") from None
    if not result:
        raise CloudError("1: the Dockerfile has no FROM")
    return Dockerfile(stages=result, arguments=arguments, escape=escape)


def read_flags(instruction: Instruction) -> dict[str, str]:
    """Return the flags of an instruction; a boolean flag is `true` or `false`, and the last of repeated flags is used.

    Raises:
        CloudError: the instruction or a flag is unknown, or the value of a flag is missing or invalid.
    """
    accepted = FLAGS.get(instruction.name)
    if accepted is None:
        raise CloudError(f"unknown instruction {instruction.name}; accepted are {', '.join(FLAGS)}")
    result: dict[str, str] = {}
    for flag in instruction.flags:
        name, equals, value = flag[2:].partition("=")
        if name not in accepted:
            known = ", ".join(f"--{one}" for one in accepted) or "none"
            raise CloudError(f"{instruction.name} has no flag --{name}; it has {known}")
        if name in result and name not in _REPEATED:
            raise CloudError(f"{instruction.name} has --{name} twice; keep one")
        if not accepted[name]:
            value = value.lower() if equals else "true"
            if value not in {"true", "false"}:
                raise CloudError(f"{instruction.name} --{name} is {value!r}; accepted are true and false")
        elif not equals or (not value and name != "mount"):
            raise CloudError(f"{instruction.name} --{name} needs a value: --{name}=...")
        result[name] = value
    return result


def argument(value: str, known: Mapping[str, str], build_args: Mapping[str, str], escape: str) -> dict[str, str]:
    """Return the values defined by an ARG before the first FROM; build arguments take precedence over defaults."""
    result: dict[str, str] = {}
    for name, default in split_arguments(value, escape):
        if name in build_args:
            result[name] = build_args[name]
        elif default is not None:
            result[name] = expand(default, {**known, **result}, escape)
    return result


def split_arguments(value: str, escape: str) -> list[tuple[str, str | None]]:
    """Return the names of an ARG, each with its unexpanded default or None."""
    result: list[tuple[str, str | None]] = []
    for word in quoted_words(value, escape):
        name, equals, default = word.partition("=")
        if not name:
            raise CloudError(f"{word!r} has no name before the =")
        result.append((name, default if equals else None))
    if not result:
        raise CloudError("ARG needs a name")
    return result


def pairs(value: str, known: Mapping[str, str], escape: str) -> dict[str, str]:
    """Return the `NAME=value …` pairs of ENV and LABEL, or the pair of the legacy form `NAME value`.

    Variables are expanded to their values before the instruction:
    https://docs.docker.com/reference/dockerfile/#environment-replacement
    """
    return {expand(name, known, escape): expand(text, known, escape) for name, text in split_pairs(value, escape)}


def split_pairs(value: str, escape: str) -> list[tuple[str, str]]:
    """Return the pairs of ENV and LABEL without expanding variables."""
    words = quoted_words(value, escape)
    if not words:
        raise CloudError("a NAME=value is missing")
    if "=" not in words[0]:
        name, *rest = value.split(maxsplit=1)
        if not rest:
            raise CloudError(f"{name} has no value; write {name}=value")
        return [(name, rest[0])]
    result = []
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name:
            raise CloudError(f"{word!r} is not of the form NAME=value; quote a value that contains spaces")
        result.append((name, text))
    return result


def quoted_words(text: str, escape: str) -> list[str]:
    """Split a text at whitespace outside quotes, and keep quotes and escapes."""
    words, word, quote, at = [], "", "", 0
    while at < len(text):
        letter = text[at]
        at += 1
        if not quote and letter.isspace():
            if word:
                words.append(word)
            word = ""
            continue
        if letter == escape and quote != "'":
            word += (letter + text[at]) if at < len(text) else ""
            at += 1
            continue
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        word += letter
    return [*words, word] if word else words


def _check(instruction: Instruction, flags: Mapping[str, str], escape: str) -> None:
    """Raise an error if an instruction is malformed regardless of its variables, even in a stage that is not needed."""
    value = instruction.value
    if not value:
        raise CloudError(f"{instruction.name} needs a value")
    match instruction.name:
        case "ARG":
            split_arguments(value, escape)
        case "ENV" | "LABEL":
            split_pairs(value, escape)
        case "HEALTHCHECK":
            healthcheck(value, flags)
        case "COPY" | "ADD":
            if len(blank_separated(value) if (listed := json_list(value)) is None else listed) < 2:
                raise CloudError("expected sources and a destination")
        case "SHELL":
            if not json_list(value):
                raise CloudError('SHELL needs a JSON list, such as ["/bin/bash", "-c"]')
        case "CMD" | "ENTRYPOINT" | "RUN" | "VOLUME":
            json_list(value)


def _stage_name(instruction: Instruction) -> str:
    words = blank_separated(instruction.value)
    return words[2].lower() if len(words) == 3 else ""


def _stage(
    instruction: Instruction, flags: Mapping[str, str], arguments: Mapping[str, str], escape: str, platform: str
) -> Stage:
    words = blank_separated(instruction.value)
    name = _stage_name(instruction)
    if len(words) not in {1, 3} or (len(words) == 3 and words[1].upper() != "AS"):
        raise CloudError("expected FROM image, or FROM image AS name")
    if len(words) == 3 and not (name[:1].isascii() and name[:1].isalpha() and set(name) <= _NAME):
        raise CloudError(f"the stage name {words[2]!r} must start with a letter, then letters, digits, - _ .")
    base = expand(words[0], arguments, escape)
    if not base:
        raise CloudError(f"the base {words[0]} is empty; give its ARG before the first FROM a value")
    wanted = expand(flags.get("platform", platform), arguments, escape)
    if wanted != platform:
        raise CloudError(
            f"FROM --platform={wanted} is not supported by the local cloud, which builds for {platform} alone; "
            "leave the flag out, or use $BUILDPLATFORM or $TARGETPLATFORM"
        )
    return Stage(base=base, name=name, line=instruction.line)


_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def _automatic(platform: str, stage: str) -> dict[str, str]:
    """Return ARGs of https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope."""
    system, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    facts = {"PLATFORM": platform, "OS": system, "OSVERSION": "", "ARCH": architecture, "VARIANT": variant}
    both = {f"{side}{name}": value for side in ("BUILD", "TARGET") for name, value in facts.items()}
    return {**both, "TARGETSTAGE": stage or "default"}
