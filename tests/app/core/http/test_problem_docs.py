"""Statuses, examples and schemas in the OpenAPI document."""

from typing import Any

import httpx
import pytest


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    document: dict[str, Any] = (await client.get("/openapi.json")).json()
    return document


def resource_operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if path.startswith(("/api/users", "/api/v1/users", "/api/v1/items"))
    ]


async def test_every_operation_lists_all_its_statuses(document: dict[str, Any]) -> None:
    """They depend on the method, and on whether the path has the id of an entry."""
    always, writes = {"422", "429", "503"}, {"400", "413"}
    for path, method, operation in resource_operations(document):
        conflicts = {"409"} if "users" in path else set()
        expected = {
            "get": {"200", "304", "404", "412"} if "{id}" in path else {"200"},
            "post": {"201"} | writes | conflicts,
            "put": {"200", "404", "412"} | writes | conflicts,
            "delete": {"204", "404", "412"},
        }[method]
        assert set(operation["responses"]) == expected | always, (path, method)


async def test_every_problem_has_an_example_of_its_own(document: dict[str, Any]) -> None:
    """The example has the status of its response; 429 and 503 document the header Retry-After."""
    for path, method, operation in resource_operations(document):
        for status, response in operation["responses"].items():
            if int(status) < 400:
                continue
            content = response["content"]["application/problem+json"]
            assert content["example"]["status"] == int(status), (path, method)
            assert ("Retry-After" in response.get("headers", {})) is (status in {"429", "503"})


async def test_every_parameter_and_field_has_an_example(document: dict[str, Any]) -> None:
    """So the document is enough to write a request."""
    for path, method, operation in resource_operations(document):
        for parameter in operation.get("parameters", []):
            described = {**parameter["schema"], **parameter}
            assert "example" in described or "examples" in described, (path, method, parameter["name"])
    for name in ("ItemBody", "Item", "UserBody", "User", "FieldError"):
        for field, schema in document["components"]["schemas"][name]["properties"].items():
            assert "examples" in schema, (name, field)


async def test_a_problem_has_the_fields_of_its_schema(document: dict[str, Any], client: httpx.AsyncClient) -> None:
    """The answers are assembled without the model, for speed."""
    answer = (await client.get("/api/v1/items/0")).json()
    schemas = document["components"]["schemas"]

    assert set(answer) == set(schemas["Problem"]["properties"])
    assert set(answer["errors"][0]) == set(schemas["FieldError"]["properties"])
