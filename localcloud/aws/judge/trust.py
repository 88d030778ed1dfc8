"""Measures the coverage of a run: which resource types are emulated, and which values a model of AWS checked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from localcloud.aws.judge import sentences

_NUMBERS = frozenset({"integer", "long", "float", "double"})


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
        for path, is_checked in _leaves(shape, parameters, f"{service} {operation} "):
            self._seen[path] = is_checked or self._seen.get(path, False)

    def of(self, types: Iterable[str], recorded: frozenset[str]) -> Trust:
        """Return the coverage for resources of these types.

        Args:
            types: resource types in use.
            recorded: resource types that are only recorded.
        """
        found = set(types)
        unknown = {path for path, is_checked in self._seen.items() if not is_checked}
        return Trust(
            emulated=len(found - recorded),
            recorded=sorted(found & recorded),
            checked=sum(self._seen.values()),
            ruled=len(unknown & self._ruled),
            unchecked=sorted(unknown - self._ruled),
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


def _leaves(shape: Any, value: Any, path: str) -> Iterator[tuple[str, bool]]:
    match shape.type_name:
        case "structure" if isinstance(value, Mapping):
            for name, item in value.items():
                if name in shape.members:
                    yield from _leaves(shape.members[name], item, f"{path}.{name}".replace(" .", " "))
        case "list" if isinstance(value, list | tuple):
            for item in value:
                yield from _leaves(shape.member, item, f"{path}[]")
        case "map" if isinstance(value, Mapping):
            for item in value.values():
                yield from _leaves(shape.value, item, f"{path}{{}}")
        case _ if value is not None:
            yield path, _is_constrained(shape)


def _is_constrained(shape: Any) -> bool:
    """Return whether the model constrains a value by more than its type. Booleans and timestamps always count."""
    if shape.type_name in ("boolean", "timestamp"):
        return True
    limits = {"min", "max"} if shape.type_name in _NUMBERS else {"min", "max", "pattern"}
    said = sentences.read(shape.documentation or "") if shape.type_name == "string" else sentences.Sentence()
    return bool(limits & shape.metadata.keys() or getattr(shape, "enum", None) or said != sentences.Sentence())


count = Count()
"""The counter of this process."""
