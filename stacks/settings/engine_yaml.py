"""YAML with the meaning that the Pulumi engine gives it, and the line of each mistake.

The engine parses stack files with yaml.v3 for Go, where `yes` and `on` are text, `0o17` is a number and a key may occur
once: https://pkg.go.dev/gopkg.in/yaml.v3#readme-compatibility. PyYAML and yaml.v3 both scan as libyaml does, so PyYAML
finds the nodes here and this module gives their meaning. tests/infra/test_engine_yaml.py compares it with the engine.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import yaml

Path = tuple[str | int, ...]

PLAIN = "plain"
TEXT = "tag:yaml.org,2002:str"
MERGE = "<<"
CONSTANTS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
BASES = {"0x": 16, "0o": 8, "0b": 2}
FLOAT = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?", re.ASCII)
DATE = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})(?:([Tt ])(\d{1,2}:\d{1,2}:\d{1,2})(?:[.,](\d{1,9})\d*)?(Z|[-+]\d\d:\d\d)?)?", re.ASCII
)
MAX_DIGITS = 70  # an integer of 64 bits has fewer, with prefix; Python refuses to convert very long ones
MAX_NODES = 100_000  # aliases of aliases can expand to more than fits in memory


class WrongYamlError(ValueError):
    """The engine cannot read the text. `problems` has one line for each error."""

    def __init__(self, problems: Sequence[str], place: str = "") -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)
        self.place = place
        """Line and column of the syntax error, such as `3:1`; empty if the text is YAML."""


@dataclass
class Document:
    """The value of a document, as plain Python objects."""

    value: object = None
    spellings: dict[Path, str] = field(default_factory=dict)
    """Original spelling of numbers, booleans and dates that the engine passes on differently, such as `007` for 7."""


def read(text: str) -> Document:
    """Read the document of a text.

    Raises WrongYamlError: it is not YAML, has a duplicate key, or a value that JSON cannot represent.
    """
    reader = _Reader()
    try:
        node = yaml.compose(text, Loader=_Loader)
        document = Document(None if node is None else reader.value(node, ()), reader.spellings)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise WrongYamlError([f"not valid YAML: {error.problem or error.context}"], place) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
        raise WrongYamlError([f"not valid YAML: {error.reason}"], place) from None
    except RecursionError:
        raise WrongYamlError(["nested too deeply"]) from None
    if reader.problems:
        raise WrongYamlError(reader.problems)
    return document


class _Loader(yaml.BaseLoader):
    """Marks plain scalars, instead of resolving them by YAML 1.1."""

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        if kind is yaml.ScalarNode and implicit[0]:
            return PLAIN
        tag: str = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        return tag

    def scan_flow_scalar_non_spaces(self, double: bool, start_mark: yaml.Mark) -> list[str]:
        """Refuse the escapes that libyaml refuses, such as half of a surrogate pair."""
        try:
            chunks: list[str] = super().scan_flow_scalar_non_spaces(double, start_mark)
            "".join(chunks).encode()
        except (ValueError, OverflowError):
            raise yaml.scanner.ScannerError(
                None, None, "found an escape that is not a Unicode character", start_mark
            ) from None
        return chunks


class _Reader:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self.spellings: dict[Path, str] = {}
        self._open: list[yaml.Node] = []
        self._checked: list[yaml.Node] = []
        self._nodes = 0

    def value(self, node: yaml.Node, path: Path) -> object:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise WrongYamlError([f"{_line(node)}: the aliases expand to more than {MAX_NODES} values"])
        if node in self._open:
            raise WrongYamlError([f"{_line(node)}: an anchor contains itself"])
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        self._open.append(node)
        result: object
        if isinstance(node, yaml.MappingNode):
            result = self._mapping(node, path, set())
        else:
            result = [self.value(inner, (*path, index)) for index, inner in enumerate(node.value)]
        self._open.pop()
        return result

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> object:
        if node.tag == TEXT:
            return node.value
        if node.tag != PLAIN:
            self.problems.append(
                f"{_line(node)}: {_shown(path)}: the tag {node.tag} is not accepted; write a plain value"
            )
            return None
        if NOT_FINITE.fullmatch(node.value):
            self.problems.append(f"{_line(node)}: {_shown(path)}: {node.value} is not accepted; write a number")
            return None
        value = resolve(node.value)
        if value is not None and as_text(value) != node.value:
            self.spellings[path] = node.value
        return value

    def _mapping(self, node: yaml.MappingNode, path: Path, taken: set[str]) -> dict[str, object]:
        """Read an object without the `taken` keys, which are those of the object that it is merged into."""
        self._find_repeated(node, path)
        entries = [(key, self._key(key, path), value) for key, value in node.value if not _is_merge(key)]
        own = {name for _, name, _ in entries}
        result = {name: self.value(value, (*path, name)) for _, name, value in entries if name not in taken}
        for key, merged in node.value:
            if _is_merge(key):
                for source in self._merged(key, merged):
                    result |= self._mapping(source, path, taken | own | set(result))
        return result

    def _merged(self, key: yaml.Node, value: yaml.Node) -> Iterator[yaml.MappingNode]:
        sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
        for source in sources:
            if source in self._open:
                raise WrongYamlError([f"{_line(source)}: an anchor contains itself"])
            if isinstance(source, yaml.MappingNode):
                yield source
            else:
                self.problems.append(f"{_line(key)}: {MERGE} takes an object, or a list of objects")

    def _key(self, node: yaml.Node, path: Path) -> str:
        name = self._scalar(node, path) if isinstance(node, yaml.ScalarNode) else None
        self.spellings.pop(path, None)
        # The engine converts a number to text, which equals the source only in its canonical form.
        if isinstance(node, yaml.ScalarNode) and name is not None and as_text(name) == node.value:
            return str(node.value)
        self.problems.append(f"{_line(node)}: a key must be text; write it in quotes")
        return ""

    def _find_repeated(self, node: yaml.MappingNode, path: Path) -> None:
        if node in self._checked:
            return
        self._checked.append(node)
        first: dict[str, yaml.Node] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and first.setdefault(key.value, key) is not key:
                before = _line(first[key.value])
                self.problems.append(f"{_line(key)}: {_shown((*path, key.value))}: duplicate, first in {before}")


def _is_merge(key: yaml.Node) -> bool:
    # Also in quotes, because the engine writes what it has read and reads it again.
    return isinstance(key, yaml.ScalarNode) and key.value == MERGE


def _line(node: yaml.Node) -> str:
    return f"line {node.start_mark.line + 1}"


def _shown(path: Path) -> str:
    return ".".join(str(part) for part in path) or "the document"


def resolve(text: str) -> object:
    """Return the value of a plain scalar, as resolve.go of yaml.v3 does."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if text[0] not in "+-.0123456789":
        return text
    if (date := _date(text)) is not None:
        return date
    plain = text.replace("_", "") if text[0] != "." else text
    if (number := _whole(plain)) is not None:
        return number
    if FLOAT.fullmatch(plain):
        value = float(plain)
        # Go writes a number without a fraction as an integer up to 1e21, and treats text that is out of range as text.
        if math.isfinite(value):
            return _rounded(value) if value.is_integer() and abs(value) < 1e21 else value
    return text


def _whole(text: str) -> int | None:
    sign, digits = (text[:1], text[1:]) if text[:1] in ("+", "-") else ("", text)
    base = BASES.get(digits[:2].lower())
    if base is None and len(digits) > 1 and digits.startswith("0"):
        base, digits = 8, f"0o{digits[1:]}"
    # Python also accepts a sign, spaces and digits of other scripts here.
    if not re.fullmatch(r"(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d+)", digits, re.ASCII):
        return None
    if len(digits.lstrip("0")) > MAX_DIGITS:
        return None
    value = int(sign + digits, base or 10)
    if -(2**63) <= value < 2**63:
        return value
    # Go has a type for these too, which the JSON of the engine does not preserve.
    return _rounded(float(value)) if not sign and value < 2**64 else None


def _rounded(value: float) -> int:
    """Return the number that Go's shortest representation of a float has."""
    return int(Decimal(repr(value)))


def _date(text: str) -> str | None:
    """Return the engine's text for a date; None if it is not a date."""
    found = DATE.fullmatch(text)
    if not found:
        return None
    day, separator, clock, fraction, zone = found.groups()
    if separator and (separator == " ") == bool(zone):
        return None
    try:
        moment = datetime.strptime(f"{day} {clock or '0:0:0'}", "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    rest = (fraction or "").rstrip("0")
    offset = "+0000 UTC" if zone in (None, "Z") else " ".join([zone.replace(":", "")] * 2)
    return f"{moment:%Y-%m-%d %H:%M:%S}{'.' + rest if rest else ''} {offset}"


def as_text(value: object) -> str:
    """Return the engine's text for a scalar, such as `true` or `3`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
