"""JSON Schema for people: the type of a value, its fields, and an example."""

from collections.abc import Mapping
from typing import Any, NamedTuple

MAX_DEPTH = 6  # of an example; a schema may refer to itself

_PLAIN: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "null": None}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "{} or more characters",
    "maxLength": "at most {} characters",
    "minItems": "{} or more entries",
    "maxItems": "at most {} entries",
}


class Field(NamedTuple):
    """One field of an object."""

    name: str
    kind: str
    required: bool
    description: str


def dereferenced(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Resolve a `$ref`; return any other schema unchanged."""
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        schema = found
    return schema


def kind(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return the type of a value and its bounds, such as `integer, at least 1`."""
    schema = dereferenced(document, schema)
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in schema:
            kinds = [kind(document, choice) for choice in schema[keyword]]
            return " or ".join(dict.fromkeys(kinds))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    name = schema.get("format") or schema.get("type") or "anything"
    if name == "array":
        name = f"list of {kind(document, schema.get('items', {}))}"
    bounds = [words.format(schema[key]) for key, words in _BOUNDS.items() if key in schema]
    default = [f"default `{schema['default']}`"] if schema.get("default") not in (None, "") else []
    return ", ".join([name, *bounds, *default])


def fields(document: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Field]:
    """Return the fields of an object; none for another type."""
    schema = dereferenced(document, schema)
    required = schema.get("required", ())
    return [
        Field(name, kind(document, field), name in required, dereferenced(document, field).get("description", ""))
        for name, field in schema.get("properties", {}).items()
    ]


def example(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int = 0) -> Any:
    """Return a value that the schema accepts; the example of the schema, if it has one."""
    schema = dereferenced(document, schema)
    if schema.get("examples") or schema.get("enum"):
        return (schema.get("examples") or schema["enum"])[0]
    for keyword in ("example", "const", "default"):
        if keyword in schema:
            return schema[keyword]
    for keyword in ("anyOf", "oneOf", "allOf"):
        if schema.get(keyword):
            return example(document, schema[keyword][0], depth)
    return _made_up(document, schema, depth)


def _made_up(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Any:
    deeper = depth < MAX_DEPTH
    if schema.get("type") == "array":
        return [example(document, schema.get("items", {}), depth + 1)] if deeper else []
    if schema.get("type") == "object" or "properties" in schema:
        named = schema.get("properties", {}).items() if deeper else ()
        return {name: example(document, field, depth + 1) for name, field in named}
    return _PLAIN.get(schema.get("type", "string"), "text")
