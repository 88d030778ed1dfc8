"""Descriptions and examples of JSON schemas."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.web.schemas import Field, dereferenced, example, fields, kind

DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {
            "a/b": {"$ref": "#/components/schemas/Name"},
            "Name": {"type": "string", "minLength": 1, "description": "Who."},
            "Tree": {
                "type": "object",
                "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
            },
        }
    }
}
NAME = {"$ref": "#/components/schemas/Name"}


def test_references_are_followed() -> None:
    """Through several references, and with a slash in the name."""
    assert dereferenced(DOCUMENT, {"$ref": "#/components/schemas/a~1b"})["description"] == "Who."
    assert dereferenced(DOCUMENT, {"type": "null"}) == {"type": "null"}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "anything"),
        (NAME, "string, 1 or more characters"),
        (
            {"type": "integer", "minimum": 1, "maximum": 9, "default": 5},
            "integer, at least 1, at most 9, default `5`",
        ),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, "number, more than 0, less than 1"),
        ({"type": "string", "format": "date-time"}, "date-time"),
        ({"type": "string", "default": ""}, "string"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}, {"type": "string"}]}, "string or null"),
        ({"allOf": [NAME]}, "string, 1 or more characters"),
        ({"enum": ["a", "b"]}, "one of `a`, `b`"),
        ({"const": "a"}, "`a`"),
        ({"type": "array", "items": NAME, "maxItems": 3}, "list of string, 1 or more characters, at most 3 entries"),
        ({"type": "array"}, "list of anything"),
    ],
)
def test_describes_types(schema: dict[str, Any], words: str) -> None:
    """With the bounds."""
    assert kind(DOCUMENT, schema) == words


def test_lists_the_fields_of_an_object() -> None:
    """In their order. Other types have no fields."""
    schema = {"type": "object", "required": ["name"], "properties": {"name": NAME, "n": {"type": "integer"}}}

    assert fields(DOCUMENT, schema) == [
        Field("name", "string, 1 or more characters", True, "Who."),
        Field("n", "integer", False, ""),
    ]
    assert fields(DOCUMENT, NAME) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "examples": ["a", "b"], "default": "c"}, "a"),
        ({"enum": ["a", "b"], "default": "b"}, "a"),
        ({"type": "integer", "default": 7}, 7),
        ({"const": "a"}, "a"),
        ({"type": "string", "example": "a"}, "a"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, 1),
        ({"type": "array", "items": {"type": "boolean"}}, [True]),
        ({"properties": {"a": NAME, "b": {"type": "number"}}}, {"a": "text", "b": 1.5}),
        ({"type": "null"}, None),
        ({}, "text"),
    ],
)
def test_examples_are_valid(schema: dict[str, Any], value: Any) -> None:
    """The example of the schema is used first."""
    assert example(DOCUMENT, schema) == value
    assert Draft202012Validator({**schema, **DOCUMENT}).is_valid(value)


def test_a_recursive_schema_has_a_finite_example() -> None:
    """It has three levels."""
    tree = example(DOCUMENT, {"$ref": "#/components/schemas/Tree"})

    assert tree["children"][0]["children"][0]["children"][0] == {}
