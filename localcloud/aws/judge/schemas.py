"""Inputs against the CloudFormation registry schema of their type, which cfn-lint carries. Read when first asked for.

AWS's own handlers refuse what their schema does: enumerations, patterns, ranges, lengths and item counts. A property is
found by its name in another case, or by a rename that is spelled out; one that the schema does not have is counted.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from localcloud.aws.judge.refusal import Kind, Path, Violation, known, names_of, refused
from localcloud.aws.judge.schema_names import RENAMES, TYPES
from localcloud.aws.specifications.models import compiled
from localcloud.aws.specifications.tables import cfnlint

_REGION = "us-east-1"  # has every type
# Values by which Pulumi's provider says that a property is not set.
_NOTHING = (("aws:cloudwatch/logGroup:LogGroup", ("RetentionInDays",), 0),)


_CONSTRAINTS = frozenset({"enum", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"})


class Place(NamedTuple):
    """A value with its place in a schema."""

    path: Path
    """In CloudFormation's names."""
    value: Any
    schema: Mapping[str, Any]
    source: str


def check(type_: str, service: str, inputs: Mapping[str, Any], renames: Mapping[str, str]) -> None:
    """Check the inputs of a resource, as far as they are known.

    Args:
        type_: Pulumi's type token.
        service: botocore's name of the service, whose code a refusal has.
        inputs: in Pulumi's names.
        renames: the API's name of a property, where it is another word.

    Raises:
        RefusedError: AWS would refuse the first value that breaks the schema.
    """
    for path, value, schema, source in places(type_, inputs, renames):
        for kind, limit in _broken(schema, value) if (type_, path, value) not in _NOTHING else ():
            raise refused(service, "Check", Violation(kind=kind, path=path, value=value, limit=limit, source=source))


def places(type_: str, inputs: Mapping[str, Any], renames: Mapping[str, str]) -> Iterator[Place]:
    """Each known value and list of the inputs that the schema of the type has, with the schema's part about it."""
    if type_ in TYPES:
        name, _, block = TYPES[type_].partition(".")
        names = {**renames, **RENAMES.get(type_, {})}
        schema = _schema(name)
        top = _resolved(schema, schema["properties"][block]) if block else schema
        yield from _places(schema, top, inputs, names, (), f"cfn-lint {TYPES[type_]}")


def described(type_: str, inputs: Mapping[str, Any], renames: Mapping[str, str]) -> set[str]:
    """The inputs that the schema of the type constrains, as `type path`; the path is in CloudFormation's names."""
    return {
        f"{type_} {names_of(place.path)}"
        for place in places(type_, inputs, renames)
        if not _CONSTRAINTS.isdisjoint(place.schema)
    }


def create_only(type_: str, renames: Mapping[str, str], path: str) -> bool | None:
    """Return whether a property can only be set at creation: `createOnlyProperties`, without conditional ones.

    Args:
        type_: Pulumi's type token.
        renames: the API's name of a property, where it is another word.
        path: in Pulumi's names, such as `kubernetesNetworkConfig.ipFamily`.

    Returns:
        None where the schema does not have the property.
    """
    if type_ not in TYPES:
        return None
    inputs: Any = ""
    for step in reversed(path.split(".")):
        inputs = {step: inputs}
    found = [place.path for place in places(type_, inputs, renames)]
    wanted = len(path.split("."))
    own = [names for place in found if len(names := [step for step in place if isinstance(step, str)]) == wanted]
    if not own:
        return None
    name, _, block = TYPES[type_].partition(".")
    pointer = "/".join(["/properties", *([block] if block else []), *own[0]])
    listed = {each.replace("/*", "") for each in _schema(name).get("createOnlyProperties", ())}
    return any(pointer == each or pointer.startswith(f"{each}/") for each in listed)


def _places(  # noqa: PLR0917
    root: Mapping[str, Any], schema: Mapping[str, Any], value: Any, names: Mapping[str, str], path: Path, source: str
) -> Iterator[Place]:
    schema = _resolved(root, schema)
    if isinstance(value, Mapping):
        if schema.get("type") == "array":  # Pulumi has one block where CloudFormation has a list of one
            schema = _resolved(root, schema.get("items", {}))
        members = {name.lower(): name for name in schema.get("properties", {})}
        for key, item in value.items():
            name = members.get(names.get(key, key).lower())
            if name is not None and item is not None and not (not path and key == "tags"):
                yield from _places(root, schema["properties"][name], item, names, (*path, name), f"{source}.{name}")
    elif isinstance(value, list):
        yield Place(path, value, schema, source)
        if schema.get("type") == "object" and len(value) == 1:  # or the other way round
            yield from _places(root, schema, value[0], names, path, source)
        for index, item in enumerate(value if schema.get("type") == "array" else ()):
            yield from _places(root, schema.get("items", {}), item, names, (*path, index), f"{source}[]")
    elif value is not None and known(value):
        yield Place(path, value, schema, source)


def _broken(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[Kind, Any]]:
    """Yield the constraints of a schema that a value breaks; a value of another type than the schema's breaks none."""
    types = schema.get("type", ())
    types = [types] if isinstance(types, str) else types
    if isinstance(value, list):
        if "array" in types and all(known(item) for item in value):
            yield from _lengths(schema.get("minItems"), schema.get("maxItems"), len(value))
    elif isinstance(value, str) and "string" in types:
        yield from _lengths(schema.get("minLength"), schema.get("maxLength"), len(value))
        pattern = schema.get("pattern")
        expression = compiled(pattern) if pattern else None
        if expression is not None and not expression.search(value):
            yield "pattern", pattern
    number = _number(value) if {"integer", "number"} & set(types) else None
    if number is not None:
        if "minimum" in schema and number < schema["minimum"]:
            yield "minimum", schema["minimum"]
        if "maximum" in schema and number > schema["maximum"]:
            yield "maximum", schema["maximum"]
    listed = schema.get("enum")
    if listed and not isinstance(value, list | bool) and not any(_equal(value, each) for each in listed):
        yield "enum", f"[{', '.join(map(str, listed))}]"


def _equal(value: Any, listed: Any) -> bool:
    number = _number(value)
    return str(value) == str(listed) or (number is not None and number == _number(listed))


def _lengths(low: int | None, high: int | None, length: int) -> Iterator[tuple[Kind, Any]]:
    if low is not None and length < low:
        yield "minimum length", low
    if high is not None and length > high:
        yield "maximum length", high


def _number(value: Any) -> float | None:
    """Return a number, or text that is one."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _resolved(root: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        found: Any = root
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


@cache
def _schema(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = cfnlint("schemas", "resources", f"{_files()[name]}.json")
    return found


@cache
def _files() -> Mapping[str, str]:
    """Return the file of each type, by its CloudFormation name."""
    found: Mapping[str, str] = cfnlint("schemas", "providers", f"{_REGION}.json")
    return found
