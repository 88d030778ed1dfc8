"""The page with the documentation of the API."""

import html
import re
import shlex

import httpx

from app.settings import Settings
from tests.support.client import client_of

CURL = re.compile(r'<pre class="curl"[^>]*>(.*?)</pre>', re.DOTALL)


def commands(page: str) -> list[list[str]]:
    return [shlex.split(html.unescape(command)) for command in CURL.findall(page)]


async def test_every_operation_is_on_the_page(client: httpx.AsyncClient) -> None:
    """With a command."""
    document = (await client.get("/openapi.json")).json()
    page = (await client.get("/docs")).text
    operations = [id["operationId"] for path in document["paths"].values() for id in path.values()]

    assert len(operations) > 10
    assert [id for id in operations if f'id="{id}"' not in page] == []
    assert len(commands(page)) == len(operations)


async def test_the_commands_work(client: httpx.AsyncClient) -> None:
    """The commands for creation create entries, and those for reading find them."""
    page = (await client.get("/docs")).text
    created = []
    for command in commands(page):
        if command[3:5] and command[2:4] == ["-X", "POST"] and command[4].endswith(("/api/v1/items", "/api/v1/users")):
            headers = dict(word.split(": ") for word in command[5:] if ": " in word and not word.startswith("{"))
            response = await client.post(command[4], content=command[-1], headers=headers)
            created.append(response.status_code)

    assert created == [201, 201]
    reads = [words[2] for words in commands(page) if words[2].endswith(("/api/v1/items/1", "/api/v1/users/1"))]
    assert [(await client.get(url)).status_code for url in reads] == [200, 200]


async def test_the_page_has_no_script_and_no_external_resource(client: httpx.AsyncClient) -> None:
    """It has no inline style, and all URLs are of this service."""
    page = (await client.get("/docs")).text

    assert "<script" not in page
    assert "style=" not in page
    assert all(path.startswith(("/", "#")) for path in re.findall(r'(?:src|href)="([^"]*)"', page))


async def test_the_host_header_of_one_client_is_not_shown_to_another(client: httpx.AsyncClient) -> None:
    """Commands have the host of the request; an invalid host is not shown."""
    other = (await client.get("/docs", headers={"Host": "other.example"})).text
    strange = (await client.get("/docs", headers={"Host": 'a"><script>b'})).text
    usual = (await client.get("/docs")).text

    assert "http://other.example/api/v1/items" in other
    assert "<script" not in strange
    assert "http://service/api/v1/items" in usual
    assert "other.example" not in usual


async def test_commands_have_the_public_url_if_it_is_set(database_url: str) -> None:
    """Paths of the admin port are not shown."""
    settings = Settings(database_url=database_url, api_base_url="https://api.example/", admin_port=9000)
    async with client_of(settings) as client:
        page = (await client.get("/docs")).text

    assert "https://api.example/api/v1/items" in page
    assert "/metrics" not in page


async def test_with_authentication_commands_for_writes_have_a_token(database_url: str) -> None:
    """The page shows their scopes."""
    settings = Settings(
        database_url=database_url, auth_jwks_url="http://127.0.0.1:1/", auth_issuer="i", auth_audience="a"
    )
    async with client_of(settings) as client:
        page = (await client.get("/docs")).text

    with_token = [words for words in commands(page) if "Authorization: Bearer $TOKEN" in words]
    assert {words[3] for words in with_token} >= {"POST", "PUT", "DELETE"}
    assert all(words[2] == "-X" for words in with_token)
    assert "<code>items:write</code>" in page
