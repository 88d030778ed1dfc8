"""The middleware that requires tokens, and their documentation in OpenAPI."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from app.core.http.access import WriteAccess, own_guard, write_scope
from app.core.http.problem_docs import MEDIA_TYPE
from app.security.auth import Auth
from app.security.bearer import BearerAuth, document_bearer
from app.settings import Settings
from tests.app.security.conftest import KeyServer, Signer


def declared() -> FastAPI:
    """Return an application with the scopes of the service, and routes with a guard of their own."""
    app = FastAPI()
    for method, path, scope in (
        ("POST", "/api/v1/items", "items:write"),
        ("PUT", "/api/v1/items/{id}", "items:write"),
        ("POST", "/api/users", "users:write"),
        ("POST", "/user", "users:write"),
        ("POST", "/api/v1/jobs", "jobs:write"),
    ):
        app.add_api_route(path, write_scope(scope)(lambda: None), methods=[method])
        app.add_api_route(path, lambda: None, methods=["GET"])
    app.add_api_route("/faults/delay", own_guard(lambda: None), methods=["POST"])
    app.add_api_route("/readyz/disable", own_guard(lambda: None), methods=["PUT"])
    return app


@pytest.fixture
def api(auth: Auth) -> FastAPI:
    app = FastAPI()
    app.add_middleware(BearerAuth, auth=auth, access=WriteAccess(declared().routes))

    @app.api_route("/{path:path}", methods=["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
    async def anything(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    return app


@pytest.fixture
async def client(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://service") as client:
        yield client


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "FUTURE"])
@pytest.mark.parametrize(
    "path",
    ["/api/v1/items", "/api/v1/items/1", "/api/users", "/user", "/api", "/api/no/such", "/other", "/", "/faultsx"],
)
async def test_writes_require_a_token(client: httpx.AsyncClient, method: str, path: str) -> None:
    """On every path, also on paths that do not exist and with unknown methods."""
    response = await client.request(method, path)

    assert (response.status_code, response.headers["content-type"]) == (401, MEDIA_TYPE)
    assert response.headers["www-authenticate"] == 'Bearer realm="drydock"'


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/items"),
        ("HEAD", "/api/v1/items"),
        ("OPTIONS", "/api/v1/items"),
        ("POST", "/faults/delay"),
        ("PUT", "/readyz/disable"),
    ],
)
async def test_reads_and_routes_with_their_own_guard_require_no_token(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    """The guard of the drills is their own token."""
    assert (await client.request(method, path)).status_code == 200


async def test_a_request_with_a_valid_token_is_passed_on(client: httpx.AsyncClient, signer: Signer) -> None:
    """With its whole body."""
    headers = {"Authorization": f"Bearer {signer.token()}"}
    response = await client.post("/api/v1/items", content=b"12345", headers=headers)

    assert (response.status_code, response.json()) == (200, {"bytes": 5})


async def test_a_token_without_the_scope_is_refused(client: httpx.AsyncClient, signer: Signer) -> None:
    """With 403 and the challenge of RFC 6750."""
    headers = {"Authorization": f"Bearer {signer.token()}"}
    response = await client.post("/api/v1/jobs", headers=headers)

    assert response.status_code == 403
    assert 'error="insufficient_scope"' in response.headers["www-authenticate"]
    assert 'scope="jobs:write"' in response.headers["www-authenticate"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/v1/itemsx", "/api/v2/items", "/api", "/other"])
async def test_a_write_without_a_declared_scope_is_refused(
    client: httpx.AsyncClient, signer: Signer, method: str, path: str
) -> None:
    """Even with a token that has all scopes."""
    headers = {"Authorization": f"Bearer {signer.token(scope='items:write users:write jobs:write')}"}
    response = await client.request(method, path, headers=headers)

    assert (response.status_code, response.headers["content-type"]) == (403, MEDIA_TYPE)
    assert 'error="insufficient_scope"' in response.headers["www-authenticate"]


async def test_the_answer_has_no_part_of_the_token(client: httpx.AsyncClient, signer: Signer) -> None:
    """Neither in the challenge nor in the body."""
    token = signer.token(iss='https://evil.example/"><script>')
    response = await client.post("/api/v1/items", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 401
    assert "evil" not in response.headers["www-authenticate"] + response.text


async def test_answers_503_without_keys(client: httpx.AsyncClient, key_server: KeyServer, signer: Signer) -> None:
    """With Retry-After. A request without a token gets 401."""
    key_server.status = 500
    response = await client.post("/api/v1/items", headers={"Authorization": f"Bearer {signer.token()}"})

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert (await client.post("/api/v1/items")).status_code == 401


def test_the_lifespan_is_passed_on(api: FastAPI) -> None:
    """It is not a request."""
    with TestClient(api) as client:
        assert client.get("/").status_code == 200


def test_the_document_shows_which_operations_require_a_token() -> None:
    """Writes with their scopes, but not reads. A second call returns the same document."""
    app = declared()
    document_bearer(app)
    app.openapi()
    document = app.openapi()
    paths = document["paths"]

    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert paths["/api/v1/items"]["post"]["security"] == [{"bearer": ["items:write"]}]
    assert paths["/api/users"]["post"]["security"] == [{"bearer": ["users:write"]}]
    for status, meaning in (("401", "Unauthorized"), ("403", "Forbidden")):
        refusal = paths["/api/v1/items"]["post"]["responses"][status]
        assert refusal["description"] == meaning
        assert refusal["content"].keys() == {"application/problem+json"}
        assert refusal["headers"].keys() == {"WWW-Authenticate"}
    assert "security" not in paths["/api/v1/items"]["get"]
    assert "security" not in paths["/faults/delay"]["post"]
    assert paths["/api/v1/items/{id}"]["put"]["security"] == [{"bearer": ["items:write"]}]


def test_the_key_set_is_that_of_the_settings(auth_settings: Settings, key_server: KeyServer) -> None:
    """It is read from AUTH_JWKS_URL."""
    assert Auth(auth_settings)._keys._url == key_server.url
