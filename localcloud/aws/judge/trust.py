"""How far a run can be trusted: which resource types are emulated, and which values a model of AWS has checked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from localcloud.aws.judge import sentences

_NUMBERS = frozenset({"integer", "long", "float", "double"})


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Figures of the requests that this process has judged, and of the resources that were made."""

    emulated: int
    """Resource types that the account emulates."""
    recorded: list[str]
    """Resource types that it only records."""
    checked: int
    """Parameters whose values a model constrains, by operation and place."""
    unchecked: list[str]
    """Parameters that no model knows to be wrong, such as free text, by operation and place."""

    def as_json(self) -> dict[str, Any]:
        """For an answer."""
        return asdict(self)


class Count:
    """Counts the parameters of requests: each once, however often it is sent."""

    def __init__(self) -> None:
        self._seen: dict[str, bool] = {}

    def add(self, service: str, operation: str, shape: Any, parameters: Mapping[str, Any]) -> None:
        """Count the parameters of a request along its botocore shape."""
        for path, is_checked in _leaves(shape, parameters, f"{service} {operation} "):
            self._seen[path] = is_checked or self._seen.get(path, False)

    def of(self, types: Iterable[str], recorded: frozenset[str]) -> Trust:
        """Give the figures, for resources of these types.

        Args:
            types: types that are in use.
            recorded: types that are only recorded.
        """
        found = set(types)
        return Trust(
            emulated=len(found - recorded),
            recorded=sorted(found & recorded),
            checked=sum(self._seen.values()),
            unchecked=sorted(path for path, is_checked in self._seen.items() if not is_checked),
        )


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
    """Whether the model can tell a wrong value, by more than its type; booleans and times have no more."""
    if shape.type_name in ("boolean", "timestamp"):
        return True
    limits = {"min", "max"} if shape.type_name in _NUMBERS else {"min", "max", "pattern"}
    said = sentences.read(shape.documentation or "") if shape.type_name == "string" else sentences.Sentence()
    return bool(limits & shape.metadata.keys() or getattr(shape, "enum", None) or said != sentences.Sentence())


count = Count()
"""Of this process."""
