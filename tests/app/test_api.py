"""The application as a whole."""

import subprocess
import sys

import httpx

from app.settings import Settings
from tests.support.client import client_of


async def test_the_openapi_document_has_problems_and_every_route(client: httpx.AsyncClient) -> None:
    """So generated clients have the format of errors."""
    document = (await client.get("/openapi.json")).json()

    assert {"/api/users", "/api/v1/users", "/api/v1/users/{id}", "/api/v1/items", "/api/v1/items/{id}"} <= set(
        document["paths"]
    )
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path.startswith("/api"):
                problems = {code: answer for code, answer in operation["responses"].items() if int(code) >= 400}
                assert "503" in problems, (path, method)
                for answer in problems.values():
                    assert list(answer["content"]) == ["application/problem+json"], (path, method)
    assert "HTTPValidationError" not in document["components"]["schemas"]


async def test_links_start_with_the_base_url(settings: Settings) -> None:
    """Behind a gateway the service does not see the address that clients use."""
    behind = settings.model_copy(update={"api_base_url": "https://api.example.com/"})
    async with client_of(behind) as client:
        response = await client.post("/api/v1/items", json={"name": "x"})

    assert response.headers["Location"] == f"https://api.example.com/api/v1/items/{response.json()['id']}"


def test_the_api_does_not_import_alembic_or_sqlalchemy() -> None:
    """They take 25 MB and a second of the start."""
    code = "import sys, app.api; print({'alembic', 'sqlalchemy'} & set(sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
