"""Measures the coverage of a run: which resource types are emulated, and which values a model of AWS checked."""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from localcloud.aws.judge import sentences
from localcloud.aws.judge.refusal import Path, property_path

_ITEM = re.compile(r"\[\d+\]")
_NUMBERS = frozenset({"integer", "long", "float", "double"})


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The resource that the requests of this thread are about."""

    type: str
    """Pulumi's type token."""
    inputs: Mapping[str, Any]
    renames: Mapping[str, str]
    """Pulumi's name of a property -> AWS's name, where they are different words."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Coverage of the requests that this process checked, and of the resources that it created."""

    emulated: int
    """Number of resource types that the account emulates."""
    recorded: list[str]
    """Resource types that the account only records."""
    checked: int
    """Number of parameters, by operation and path, whose values a model constrains."""
    ruled: int
    """Number of further parameters that a hand-written rule read."""
    unchecked: list[str]
    """Parameters that neither a model nor a rule checks, such as free text, by operation and path."""
    unchecked_properties: list[list[str]]
    """Type, property and parameter for each of `unchecked` and each resource type that sends it. Sorted."""
    inputs: int
    """Number of input properties that were set, by type and path."""
    described: int
    """Number of input properties that CloudFormation's schema constrains."""
    recorded_inputs: list[str]
    """Input properties that are only recorded."""

    def as_json(self) -> dict[str, Any]:
        """Return the figures as a JSON object."""
        return asdict(self)


class Count:
    """Counts the parameters of requests. A parameter that is sent several times counts once."""

    def __init__(self) -> None:
        self._seen: dict[str, bool] = {}
        self._ruled: set[str] = set()
        self._inputs: set[str] = set()
        self._described: set[str] = set()
        self._recorded: set[str] = set()
        self._sent: dict[str, set[tuple[str, str]]] = {}
        self._thread = threading.local()

    @contextmanager
    def about(self, subject: Subject) -> Iterator[None]:
        """Attribute the parameters that this thread sends in the block to a resource."""
        self._thread.subject = subject
        try:
            yield
        finally:
            self._thread.subject = None

    def watched(self, service: str, operation: str, parameters: Mapping[str, Any]) -> "Watched":
        """Return a copy of the parameters that counts each value as checked by a rule when it is read."""
        return Watched(parameters, f"{service} {operation} ", self._ruled)

    def add_inputs(self, inputs: set[str], described: set[str], recorded: set[str]) -> None:
        """Count the inputs of a resource, each as `type path`.

        Args:
            inputs: all inputs.
            described: the inputs that a schema constrains.
            recorded: the inputs that are only recorded.
        """
        self._inputs |= inputs
        self._described |= described
        self._recorded |= recorded

    def add(self, service: str, operation: str, shape: Any, parameters: Mapping[str, Any]) -> None:
        """Count the parameters of a request, by its botocore shape."""
        subject: Subject | None = getattr(self._thread, "subject", None)
        for path, steps, value, is_checked in _leaves(shape, parameters, f"{service} {operation} ", ()):
            self._seen[path] = is_checked or self._seen.get(path, False)
            if subject is not None and not is_checked:
                found = property_path(subject.inputs, steps, value, subject.renames)
                self._sent.setdefault(path, set()).add((subject.type, _ITEM.sub("[]", found)))

    def of(self, types: Iterable[str], recorded: frozenset[str]) -> Trust:
        """Return the coverage for resources of these types.

        Args:
            types: resource types in use.
            recorded: resource types that are only recorded.
        """
        found = set(types)
        unknown = {path for path, is_checked in self._seen.items() if not is_checked}
        left = unknown - self._ruled
        return Trust(
            emulated=len(found - recorded),
            recorded=sorted(found & recorded),
            checked=sum(self._seen.values()),
            ruled=len(unknown & self._ruled),
            unchecked=sorted(left),
            unchecked_properties=sorted([*sent, path] for path in left for sent in self._sent.get(path, {("", "")})),
            inputs=len(self._inputs),
            described=len(self._described),
            recorded_inputs=sorted(self._recorded),
        )


class Watched(dict[str, Any]):
    """Parameters of a request, or a part of them. Records which values are read."""

    def __init__(self, values: Mapping[str, Any], path: str, seen: set[str]) -> None:
        self._path, self._seen = path, seen
        super().__init__({key: self._part(key, value) for key, value in values.items()})

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        self._note(key, value)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key like `dict.get`, and record that it is read."""
        return self[key] if key in self else default  # noqa: SIM401 - `get` itself would not note it

    def items(self) -> Any:
        """Return all items like `dict.items`, and record that all values are read."""
        return {key: self[key] for key in self}.items()

    def values(self) -> Any:
        """Return all values like `dict.values`, and record that they are read."""
        return {key: self[key] for key in self}.values()

    def _place(self, key: str) -> str:
        return f"{self._path}.{key}".replace(" .", " ")

    def _part(self, key: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            return Watched(value, self._place(key), self._seen)
        if isinstance(value, list | tuple):
            return [
                Watched(item, f"{self._place(key)}[]", self._seen) if isinstance(item, Mapping) else item
                for item in value
            ]
        return value

    def _note(self, key: str, value: Any) -> None:
        if isinstance(value, Watched):
            # All values of a map share one path. The members of a structure are recorded when they are read.
            self._seen.add(f"{self._place(key)}{{}}")
        elif isinstance(value, list):
            self._seen.add(f"{self._place(key)}[]")
        else:
            self._seen.add(self._place(key))


def _leaves(shape: Any, value: Any, path: str, steps: Path) -> Iterator[tuple[str, Path, Any, bool]]:
    """Yield each scalar with its path for counting, its path in the request, and whether its model constrains it."""
    match shape.type_name:
        case "structure" if isinstance(value, Mapping):
            for name, item in value.items():
                if name in shape.members:
                    place = f"{path}.{name}".replace(" .", " ")
                    yield from _leaves(shape.members[name], item, place, (*steps, name))
        case "list" if isinstance(value, list | tuple):
            for index, item in enumerate(value):
                yield from _leaves(shape.member, item, f"{path}[]", (*steps, index))
        case "map" if isinstance(value, Mapping):
            for key, item in value.items():
                yield from _leaves(shape.value, item, f"{path}{{}}", (*steps, key))
        case _ if value is not None:
            yield path, steps, value, _is_constrained(shape)


def _is_constrained(shape: Any) -> bool:
    """Return whether the model constrains a value by more than its type. Booleans and timestamps always count."""
    if shape.type_name in ("boolean", "timestamp"):
        return True
    limits = {"min", "max"} if shape.type_name in _NUMBERS else {"min", "max", "pattern"}
    said = sentences.read(shape.documentation or "") if shape.type_name == "string" else sentences.Sentence()
    return bool(limits & shape.metadata.keys() or getattr(shape, "enum", None) or said != sentences.Sentence())


count = Count()
"""The counter of this process."""
