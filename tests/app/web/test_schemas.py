"""JSON Schema in words, and examples of it."""

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
    """Through others, and with a slash in the name."""
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
def test_kinds_in_words(schema: dict[str, Any], words: str) -> None:
    """With the bounds."""
    assert kind(DOCUMENT, schema) == words


def test_fields_of_an_object() -> None:
    """In their order; what is no object has none."""
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
def test_examples_fit(schema: dict[str, Any], value: Any) -> None:
    """The schema's own first; else one that the schema accepts."""
    assert example(DOCUMENT, schema) == value
    assert Draft202012Validator({**schema, **DOCUMENT}).is_valid(value)


def test_a_schema_that_refers_to_itself_has_an_example() -> None:
    """It stops somewhere."""
    tree = example(DOCUMENT, {"$ref": "#/components/schemas/Tree"})

    assert tree["children"][0]["children"][0]["children"][0] == {}
