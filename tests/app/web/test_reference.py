"""The reference of operations, with commands for a shell."""

import shlex
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.web.reference import Operation, reference

MORE = {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "Not needed."}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/things/{id}": {
            "parameters": [],
            "put": {
                "tags": ["things"],
                "operationId": "put_thing",
                "summary": "Put",
                "description": "Replaces it.",
                "security": [{"bearer": ["things:write"]}],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "examples": ["a b/c"]}},
                    {"name": "mode", "in": "query", "required": True, "example": "x&y", "schema": {"type": "string"}},
                    {"name": "more", "in": "query", "schema": MORE},
                    {"name": "If-Match", "in": "header", "description": "Its ETag.", "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {"name": {"type": "string", "examples": ["it's"]}},
                            }
                        }
                    }
                },
                "responses": {
                    "422": {"content": {"application/problem+json": {"schema": {}, "example": {"status": 422}}}},
                    "204": {"description": "Done."},
                },
            },
        },
        "/text": {"get": {"responses": {"200": {"content": {"text/plain": {"schema": {"type": "string"}}}}}}},
        "/sre/x": {"get": {"tags": ["sre"], "responses": {}}},
    }
}


def only(tag: str) -> Operation:
    (group,) = [group for group in reference(DOCUMENT) if group.name == tag]
    (operation,) = group.operations
    return operation


def test_operations_are_grouped_by_tag() -> None:
    """In the order of the document, without hidden paths."""
    assert [group.name for group in reference(DOCUMENT)] == ["things", "other", "sre"]
    assert [group.name for group in reference(DOCUMENT, ("/sre",))] == ["things", "other"]


def test_an_operation_has_its_parameters_body_scope_and_answers() -> None:
    """Answers are sorted by status."""
    put = only("things")

    assert (put.anchor, put.method, put.path, put.summary) == ("put_thing", "PUT", "/things/{id}", "Put")
    assert (put.description, put.scope, put.body_type) == ("Replaces it.", "things:write", "application/json")
    assert put.parameters[2:] == [
        ("more", "query", "string", False, "Not needed."),
        ("If-Match", "header", "string", False, "Its ETag."),
    ]
    assert [field.name for field in put.body] == ["name"]
    assert [(a.status, a.description, a.media_type, a.example) for a in put.answers] == [
        ("204", "Done.", "", ""),
        ("422", "", "application/problem+json", '{\n  "status": 422\n}'),
    ]


def test_the_command_has_all_required_parts() -> None:
    """They are quoted for a shell; the token is a variable."""
    words = shlex.split(only("things").curl("http://service"))

    assert words == [
        *("curl", "-i", "-X", "PUT", "http://service/things/a%20b%2Fc?mode=x%26y"),
        *("-H", "Authorization: Bearer $TOKEN", "-H", "Content-Type: application/json", "-d", '{"name": "it\'s"}'),
    ]
    assert only("other").curl("") == "curl -i /text"


def test_an_answer_that_is_not_json_has_no_example() -> None:
    """An operation without a tag is in the group `other`; without an id it has an anchor by its path."""
    operation = only("other")

    assert [(a.media_type, a.example) for a in operation.answers] == [("text/plain", "")]
    assert (operation.anchor, operation.scope) == ("get-/text", None)


@given(st.text(min_size=1))
def test_the_url_is_always_one_word_of_the_command(base_url: str) -> None:
    """It contains the host of the request, which may be any text."""
    assert shlex.split(only("other").curl(base_url)) == ["curl", "-i", f"{base_url}/text"]
