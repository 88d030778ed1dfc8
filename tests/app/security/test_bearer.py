"""The middleware in front of an application, and the document."""

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
    """Routes that declare scopes, as those of the service do, and some with a guard of their own."""
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
async def test_writes_need_a_token(client: httpx.AsyncClient, method: str, path: str) -> None:
    """On every path, those that do not exist and methods yet to come included."""
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
async def test_the_rest_needs_none(client: httpx.AsyncClient, method: str, path: str) -> None:
    """Reads, and what has a guard of its own."""
    assert (await client.request(method, path)).status_code == 200


async def test_a_token_that_allows_it_lets_the_body_through(client: httpx.AsyncClient, signer: Signer) -> None:
    """Untouched."""
    headers = {"Authorization": f"Bearer {signer.token()}"}
    response = await client.post("/api/v1/items", content=b"12345", headers=headers)

    assert (response.status_code, response.json()) == (200, {"bytes": 5})


async def test_a_token_without_the_scope_is_refused(client: httpx.AsyncClient, signer: Signer) -> None:
    """403, in the words of RFC 6750."""
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
    """Whatever the token allows: a resource without a declared scope refuses writes."""
    headers = {"Authorization": f"Bearer {signer.token(scope='items:write users:write jobs:write')}"}
    response = await client.request(method, path, headers=headers)

    assert (response.status_code, response.headers["content-type"]) == (403, MEDIA_TYPE)
    assert 'error="insufficient_scope"' in response.headers["www-authenticate"]


async def test_the_answer_repeats_nothing_of_the_token(client: httpx.AsyncClient, signer: Signer) -> None:
    """Neither in a header nor in the body."""
    token = signer.token(iss='https://evil.example/"><script>')
    response = await client.post("/api/v1/items", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 401
    assert "evil" not in response.headers["www-authenticate"] + response.text


async def test_without_keys_it_is_503(client: httpx.AsyncClient, key_server: KeyServer, signer: Signer) -> None:
    """With Retry-After; a request without a token still gets a 401."""
    key_server.status = 500
    response = await client.post("/api/v1/items", headers={"Authorization": f"Bearer {signer.token()}"})

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert (await client.post("/api/v1/items")).status_code == 401


def test_other_kinds_of_connection_pass(api: FastAPI) -> None:
    """The lifespan is no request."""
    with TestClient(api) as client:
        assert client.get("/").status_code == 200


def test_the_document_says_which_operations_need_a_token() -> None:
    """Writes with their scope, reads not; calling it twice changes nothing."""
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


def test_settings_name_the_key_set(auth_settings: Settings, key_server: KeyServer) -> None:
    """The default key set is that of the setting."""
    assert Auth(auth_settings)._keys._url == key_server.url
