"""Validates inputs against the CloudFormation registry schema of their type, from cfn-lint. Loads schemas lazily.

AWS's resource handlers enforce their schema: enumerations, patterns, ranges, lengths and item counts. A property is
matched by its name regardless of case, or by an explicit rename. Properties that the schema does not have are counted.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from localcloud.aws.judge.refusal import Kind, Path, Violation, known, names_of, refused
from localcloud.aws.judge.schema_names import RENAMES, TYPES
from localcloud.aws.specifications.models import compiled
from localcloud.aws.specifications.tables import cfnlint

_REGION = "us-east-1"  # has every resource type
_ACCEPTED = (
    # Pulumi's provider does not send it: the retention is not set.
    ("aws:cloudwatch/logGroup:LogGroup", ("RetentionInDays",), 0),
)
"""Values that are accepted although the schema refuses them: type, path in CloudFormation's names, value."""

_CONSTRAINTS = frozenset({"enum", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"})


class Place(NamedTuple):
    """A value of the inputs with its part of the schema."""

    path: Path
    """Path of the value, in CloudFormation's names."""
    value: Any
    schema: Mapping[str, Any]
    source: str


def check(type_: str, service: str, inputs: Mapping[str, Any], renames: Mapping[str, str]) -> None:
    """Check the known inputs of a resource against the schema of its type.

    Args:
        type_: Pulumi's type token.
        service: botocore's name of the service. It determines the error code of a refusal.
        inputs: inputs of the resource, in Pulumi's names.
        renames: Pulumi's name of a property -> the API's name, where they are different words.

    Raises:
        RefusedError: AWS would refuse a value. Reports the first value that violates the schema.
    """
    for path, value, schema, source in places(type_, inputs, renames):
        for kind, limit in _broken(schema, value) if (type_, path, value) not in _ACCEPTED else ():
            raise refused(service, "Check", Violation(kind=kind, path=path, value=value, limit=limit, source=source))


def places(type_: str, inputs: Mapping[str, Any], renames: Mapping[str, str]) -> Iterator[Place]:
    """Yield each known scalar and each list of the inputs that the schema describes, with its part of the schema."""
    if type_ in TYPES:
        name, _, block = TYPES[type_].partition(".")
        names = {**renames, **RENAMES.get(type_, {})}
        schema = _schema(name)
        top = _resolved(schema, schema["properties"][block]) if block else schema
        yield from _places(schema, top, inputs, names, (), f"cfn-lint {TYPES[type_]}")


def described(type_: str, inputs: Mapping[str, Any], renames: Mapping[str, str]) -> set[str]:
    """Return the inputs that the schema constrains, each as `type path` with the path in CloudFormation's names."""
    return {
        f"{type_} {names_of(place.path)}"
        for place in places(type_, inputs, renames)
        if not _CONSTRAINTS.isdisjoint(place.schema)
    }


def create_only(type_: str, renames: Mapping[str, str], path: str) -> bool | None:
    """Return whether a property can only be set at creation, by the `createOnlyProperties` of the schema.

    Args:
        type_: Pulumi's type token.
        renames: Pulumi's name of a property -> the API's name, where they are different words.
        path: path of the property in Pulumi's names, such as `kubernetesNetworkConfig.ipFamily`.

    Returns:
        True or False, or None if the schema does not have the property. Properties that are create-only under a
        condition count as updatable.
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
        if schema.get("type") == "array":  # Pulumi uses a single block where CloudFormation uses a list of one item
            schema = _resolved(root, schema.get("items", {}))
        members = {name.lower(): name for name in schema.get("properties", {})}
        for key, item in value.items():
            name = members.get(names.get(key, key).lower())
            if name is not None and item is not None and not (not path and key == "tags"):
                yield from _places(root, schema["properties"][name], item, names, (*path, name), f"{source}.{name}")
    elif isinstance(value, list):
        yield Place(path, value, schema, source)
        if schema.get("type") == "object" and len(value) == 1:  # Pulumi's list of one item is CloudFormation's block
            yield from _places(root, schema, value[0], names, path, source)
        for index, item in enumerate(value if schema.get("type") == "array" else ()):
            yield from _places(root, schema.get("items", {}), item, names, (*path, index), f"{source}[]")
    elif value is not None and known(value):
        yield Place(path, value, schema, source)


def _broken(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[Kind, Any]]:
    """Yield each constraint that a value violates, with its limit. A value of another type violates none."""
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
    """Return a number or numeric text as a float, or None for anything else."""
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
    """Return the schema file of each resource type, by its CloudFormation name."""
    found: Mapping[str, str] = cfnlint("schemas", "providers", f"{_REGION}.json")
    return found
