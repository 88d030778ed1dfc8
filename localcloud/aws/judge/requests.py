"""Validates requests against the shape of their operation: required members, enums, lengths, ranges and patterns.

botocore only checks required members, types and lower limits before it sends a request. AWS checks all constraints.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge import rules, sentences
from localcloud.aws.judge.refusal import Kind, Path, Violation, known, refused
from localcloud.aws.judge.rules.rule import Ask
from localcloud.aws.judge.trust import count
from localcloud.aws.specifications.models import compiled, service_model

# Open enumerations: AWS also accepts values that it added after the model was generated.
_OPEN = frozenset({"BucketLocationConstraint"})
# Members that have the same constraint as another member, which is the only one that documents it.
_SAME_AS = {"SecurityGroupRuleRequest$Description": ("IpRange", "Description")}


def check(
    service: str, operation: str, parameters: Mapping[str, Any], ask: Ask | None = None, *, preview: bool = False
) -> None:
    """Check a request against its model and the hand-written rules.

    Args:
        service: botocore's name of the service.
        operation: the operation.
        parameters: parameters of the request.
        ask: reads the account. None to check only the request.
        preview: whether only a part of the request and of the account is known. See `rules.check`.

    Raises:
        RefusedError: AWS would refuse the request. Reports the first violation.
    """
    model = service_model(service)
    shape = model.operation_model(operation).input_shape
    if shape is not None:
        if ask is not None and not preview:
            count.add(service, operation, shape, parameters)
        for violation in violations(shape, dict(parameters), (), f"botocore {service} {operation}"):
            raise refused(service, operation, violation)
    # A preview does not report how many parameters were checked, so it does not count them.
    counted = parameters if ask is None or preview else count.watched(service, operation, parameters)
    rules.check(service, operation, counted, ask, preview=preview)


def violations(shape: Any, value: Any, path: Path, source: str) -> Iterator[Violation]:
    """Yield the violations of a value and its members against their botocore shape.

    Args:
        shape: the shape.
        value: the value, in AWS's names.
        path: path of the value in the request.
        source: where the constraints of the value are defined.
    """
    if value is None or not known(value):
        return
    match shape.type_name:
        case "structure" if isinstance(value, Mapping):
            yield from _structure(shape, value, path)
        case "list" if isinstance(value, list | tuple):
            yield from _length(shape, value, path, source)
            for index, item in enumerate(value):
                yield from violations(shape.member, item, (*path, index), f"{source}$member")
        case "map" if isinstance(value, Mapping):
            yield from _length(shape, value, path, source)
            for key, item in value.items():
                yield from violations(shape.key, key, (*path, key), f"{source}$key")
                yield from violations(shape.value, item, (*path, key), f"{source}$value")
        case "string" if isinstance(value, str):
            yield from _text(shape, value, path, source)
        case "integer" | "long" | "float" | "double" if isinstance(value, int | float):
            low, high = shape.metadata.get("min"), shape.metadata.get("max")
            if low is not None and value < low:
                yield Violation(kind="minimum", path=path, value=value, limit=low, source=source)
            if high is not None and value > high:
                yield Violation(kind="maximum", path=path, value=value, limit=high, source=source)


def _structure(shape: Any, value: Mapping[str, Any], path: Path) -> Iterator[Violation]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield Violation(
                kind="required", path=(*path, name), value=None, limit=None, source=f"botocore {shape.name}${name}"
            )
    for name, item in value.items():
        member = shape.members.get(name)
        if member is not None:
            yield from violations(member, item, (*path, name), f"botocore {shape.name}${name}")


def _text(shape: Any, value: str, path: Path, source: str) -> Iterator[Violation]:
    yield from _length(shape, value, path, source)
    if shape.enum and shape.name not in _OPEN and value not in shape.enum:
        yield Violation(kind="enum", path=path, value=value, limit=f"[{', '.join(shape.enum)}]", source=source)
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not _matches(pattern, value):
        yield Violation(kind="pattern", path=path, value=value, limit=pattern, source=source)
    said = sentences.read(_documentation(shape, source))
    yield from _between(len(value), said.minimum, said.maximum, value, path, source)
    if said.pattern is not None and not _matches(said.pattern, value):
        yield Violation(kind="pattern", path=path, value=value, limit=said.pattern, source=source)


def _documentation(shape: Any, source: str) -> str:
    """Return the documentation that describes the accepted values of a member."""
    other = _SAME_AS.get(source.rpartition(" ")[2])
    if other is not None:
        same: Any = service_model("ec2").shape_for(other[0])
        shape = same.members[other[1]]
    return shape.documentation or ""


def _matches(pattern: str, value: str) -> bool:
    expression = compiled(pattern)
    return expression is None or expression.fullmatch(value) is not None


def _length(shape: Any, value: Any, path: Path, source: str) -> Iterator[Violation]:
    yield from _between(len(value), shape.metadata.get("min"), shape.metadata.get("max"), value, path, source)


def _between(  # noqa: PLR0917
    length: int, low: int | None, high: int | None, value: Any, path: Path, source: str
) -> Iterator[Violation]:
    limits: tuple[tuple[Kind, int | None, bool], ...] = (
        ("minimum length", low, low is not None and length < low),
        ("maximum length", high, high is not None and length > high),
    )
    for kind, limit, broken in limits:
        if broken:
            yield Violation(kind=kind, path=path, value=value, limit=limit, source=source)
