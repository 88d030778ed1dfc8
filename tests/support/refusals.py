"""Requests that AWS refuses, with the answer and a source: the tables of `tests/aws_refusals/` as typed cases."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent.parent / "aws_refusals"
SHARED = "given"
"""File with resources that all other files can refer to."""
ABSENT = object()
"""Marker instead of a value: the program does not set the property."""
Inputs = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Given:
    """A resource that a case requires."""

    name: str
    type: str
    inputs: Inputs


@dataclass(frozen=True, kw_only=True)
class Case:
    """A request that AWS refuses, and the closest one that it accepts. Inputs may have references; see `resolved`."""

    file: str
    name: str
    type: str
    """Pulumi's type token."""
    inputs: Inputs
    code: str
    """AWS's error code, as in the response."""
    source: str
    """URL, `botocore SERVICE SHAPE[.MEMBER]` or `cfn-lint TYPE ...`."""
    valid: Inputs
    """Differences of the accepted request: to `update` if there is one, otherwise to `inputs`. For a deletion it may
    be empty: then the resource can be deleted while no resource of `then` exists."""
    message: str = ""
    """Part of AWS's message; empty if it is not documented."""
    path: str = ""
    """Pulumi property path of the wrong value; empty if no property is wrong."""
    update: Inputs | None = None
    """Properties that an update changes, if the update is refused."""
    delete: bool = False
    """Whether the deletion is refused."""
    given: tuple[Given, ...] = ()
    """Resources created before, in this order."""
    gone: tuple[str, ...] = ()
    """Names of resources in `given` that are deleted before the request."""
    then: tuple[Given, ...] = ()
    """Resources created after the resource of the case and before its deletion. They can refer to it as `self`."""

    @property
    def id(self) -> str:
        """Name for the test report."""
        return f"{self.file}: {self.name}"

    @property
    def request(self) -> Literal["create", "update", "delete"]:
        """The refused request."""
        return "delete" if self.delete else "create" if self.update is None else "update"

    @property
    def refused(self) -> dict[str, Any]:
        """All inputs of the resource in the refused request."""
        return {**self.inputs, **(self.update or {})}

    @property
    def accepted(self) -> dict[str, Any]:
        """All inputs of the resource in the accepted request."""
        return {**self.refused, **self.valid}


def resolved(value: Any, outputs: Mapping[str, Mapping[str, Any]]) -> Any:
    """Replace references and abbreviations in inputs.

    Args:
        value: inputs, or a part of them.
        outputs: name of each created resource -> its outputs with its `id`.

    Raises:
        KeyError: a reference to a missing resource, or to an output that it does not have.
    """
    match value:
        case {"ref": str(reference), **rest} if not rest:
            name, _, output = reference.partition(".")
            return outputs[name][output]
        case {"absent": True, **rest} if not rest:
            return ABSENT
        case {"text": str(text), "times": int(count), **rest} if not rest:
            return text * count
        case {"tags": int(count), **rest} if not rest:
            return {f"key{number}": "value" for number in range(count)}
        case {"json": document, **rest} if not rest:
            return json.dumps(resolved(document, outputs))
        case Mapping():
            items = ((key, resolved(item, outputs)) for key, item in value.items())
            return {key: item for key, item in items if item is not ABSENT}
        case list():
            return [resolved(item, outputs) for item in value]
    return value


def references(value: Any) -> Iterator[str]:
    """Yield the names of the resources that inputs refer to."""
    match value:
        case {"ref": str(reference)}:
            yield reference.partition(".")[0]
        case Mapping():
            for item in value.values():
                yield from references(item)
        case list():
            for item in value:
                yield from references(item)


@cache
def cases() -> tuple[Case, ...]:
    """Return all cases in the order of the files and within them."""
    shared = _tables(FOLDER / f"{SHARED}.toml")["given"]
    return tuple(case for path in sorted(FOLDER.glob("*.toml")) if path.stem != SHARED for case in _cases(path, shared))


def _tables(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _cases(path: Path, shared: Mapping[str, Any]) -> Iterator[Case]:
    tables = _tables(path)
    known = {**shared, **tables.pop("given", {})}
    listed = tables.pop("case")
    if tables:
        raise ValueError(f"{path.name}: unknown tables {sorted(tables)}; known are given and case")
    for table in listed:
        yield _case(path.stem, dict(table), known)


def _case(file: str, table: dict[str, Any], known: Mapping[str, Any]) -> Case:
    like = known[table.pop("like")] if "like" in table else {"inputs": {}}
    type_ = table.pop("type", None) or like["type"]
    inputs = {**like["inputs"], **table.pop("inputs", {})}
    gone, after = tuple(table.pop("gone", ())), tuple(table.pop("then", ()))
    used = [inputs, table.get("update", {}), table.get("valid", {}), *(known[name]["inputs"] for name in after)]
    first = [*table.pop("given", ()), *gone, *(name for value in used for name in references(value))]
    before = _in_order([name for name in first if name not in after], known)
    return Case(
        file=file,
        type=type_,
        inputs=inputs,
        given=tuple(_given(name, known) for name in before),
        gone=gone,
        then=tuple(_given(name, known) for name in after),
        **table,
    )


def _in_order(names: list[str], known: Mapping[str, Any]) -> list[str]:
    """Return the names and their dependencies, each after its dependencies."""
    found: dict[str, None] = {}
    for name in names:
        if name != "self" and name not in found:
            found |= dict.fromkeys(_in_order(list(references(known[name]["inputs"])), known))
            found[name] = None
    return list(found)


def _given(name: str, known: Mapping[str, Any]) -> Given:
    return Given(name=name, type=known[name]["type"], inputs=known[name]["inputs"])
