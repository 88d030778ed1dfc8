"""The users page and its form, over HTTP."""

import html
import re
from collections.abc import AsyncIterator

import httpx
import psycopg
import pytest

from app.settings import Settings
from tests.app.web.form import ADA, BROWSER, post
from tests.support.client import client_of


@pytest.fixture
def person(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client with the headers of a browser."""
    client.headers.update(BROWSER)
    return client


async def test_creates_and_shows_a_user(person: httpx.AsyncClient) -> None:
    """The answer is 303 to a page with a confirmation, so reloading creates no user."""
    created = await post(person, name=" Ada ", email="Ada@Example.com")
    page = (await person.get(created.headers["location"])).text

    assert (created.status_code, created.headers["location"]) == (303, "/?created=1")
    assert "<strong>Ada</strong> was added." in page
    assert "Ada@example.com" in page
    assert [user["name"] for user in (await person.get("/api/users")).json()] == ["Ada"]


async def test_an_empty_list_has_a_message_and_the_form(person: httpx.AsyncClient) -> None:
    """The type is HTML."""
    response = await person.get("/")

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "No users yet" in response.text
    assert 'action="/user"' in response.text


@pytest.mark.parametrize(
    ("fields", "name", "message"),
    [
        ({"name": "", "email": "ada@example.com"}, "name", "Please fill in this field."),
        ({"name": "Ada", "email": "ada"}, "email", "An email address must have an @-sign."),
        (
            {"name": "Ada", "email": "Ada <ada@example.com>"},
            "email",
            "Must be only the address, such as john@example.com, without a name or brackets.",
        ),
        ({"name": "Ada"}, "email", "Please fill in this field."),
    ],
)
async def test_rejects_invalid_values(
    person: httpx.AsyncClient, fields: dict[str, str], name: str, message: str
) -> None:
    """With 422. The message is at its field, also for screen readers, and the values are kept."""
    response = await post(person, **fields)

    assert response.status_code == 422
    assert f'<p class="fault" id="{name}-fault">{message}</p>' in response.text
    assert f'aria-invalid="true" aria-describedby="{name}-fault"' in response.text
    assert all(f'value="{html.escape(value)}"' in response.text for value in fields.values())
    assert (await person.get("/api/users")).json() == []


async def test_rejects_an_address_that_is_in_use(person: httpx.AsyncClient) -> None:
    """With 409. The message is at the address, and the values are kept."""
    await post(person, **ADA)
    response = await post(person, name="Other", email="ADA@example.com")

    assert response.status_code == 409
    assert '<p class="fault" id="email-fault">Another user already has this address.</p>' in response.text
    assert 'value="Other"' in response.text


async def test_the_list_has_pages_latest_first(person: httpx.AsyncClient, database_url: str) -> None:
    """With links to the next page and back to the first."""
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO users (name, email) SELECT 'u' || n, n || '@e.org' FROM generate_series(1, 25) n"
        )
    first = (await person.get("/")).text
    link = re.search(r'<a rel="next" href="([^"]+)"', first)
    assert link is not None
    second = (await person.get(html.unescape(link[1]))).text

    names = re.compile(r"<strong>(u\d+)</strong>")
    assert names.findall(first) == [f"u{n}" for n in range(25, 5, -1)]
    assert names.findall(second) == [f"u{n}" for n in range(5, 0, -1)]
    assert "Back to the latest" in second
    assert 'rel="next"' not in second


async def test_a_page_after_the_end_has_a_message(person: httpx.AsyncClient, database_url: str) -> None:
    """Users may have been deleted meanwhile."""
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO users (name, email) SELECT 'u' || n, n || '@e.org' FROM generate_series(1, 21) n"
        )
    link = re.search(r'<a rel="next" href="([^"]+)"', (await person.get("/")).text)
    assert link is not None
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM users")

    assert "There are no more users." in (await person.get(html.unescape(link[1]))).text


async def test_rejects_a_broken_link_to_a_page(person: httpx.AsyncClient) -> None:
    """Browsers get a page, programs a problem."""
    response = await person.get("/?cursor=broken")
    problem = await person.get("/?cursor=broken", headers={"Accept": "*/*"})

    assert (response.status_code, "No such page" in response.text) == (422, True)
    assert (problem.status_code, problem.json()["errors"][0]["field"]) == (422, "query.cursor")


async def test_programs_get_problems(client: httpx.AsyncClient) -> None:
    """The form may also be sent with curl."""
    wrong = await post(client, name="", email="x")
    await post(client, **ADA)
    taken = await post(client, **ADA)

    assert [error["field"] for error in wrong.json()["errors"]] == ["body.name", "body.email"]
    assert (wrong.status_code, taken.status_code) == (422, 409)
    assert taken.headers["content-type"] == "application/problem+json"


@pytest.fixture
async def unavailable() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application whose database is unavailable."""
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1"
    async with client_of(Settings(database_url=nowhere, breaker_failure_threshold=1)) as client:
        client.headers.update(BROWSER)
        yield client


async def test_without_the_database_browsers_get_a_page(unavailable: httpx.AsyncClient) -> None:
    """With 503 and Retry-After; the input is kept. Programs get a problem."""
    shown = await unavailable.get("/")
    sent = await post(unavailable, name="Ada <3", email="ada@example.com")
    program = await unavailable.get("/", headers={"Accept": "application/json"})

    assert [r.status_code for r in (shown, sent, program)] == [503] * 3
    assert all(int(r.headers["retry-after"]) >= 1 for r in (shown, sent, program))
    assert "The database is unavailable" in shown.text
    assert "load the page again" in shown.text
    assert "may not have been saved" in sent.text
    assert 'value="Ada &lt;3"' in sent.text
    assert program.headers["content-type"] == "application/problem+json"


async def test_a_form_with_faults_keeps_its_input_without_the_database(unavailable: httpx.AsyncClient) -> None:
    """The status is 503."""
    response = await post(unavailable, name="", email="kept@example.com")

    assert response.status_code == 503
    assert 'value="kept@example.com"' in response.text


async def test_with_authentication_the_page_has_no_form(database_url: str) -> None:
    """It shows the scope for creation; the path of the form requires a token."""
    settings = Settings(
        database_url=database_url, auth_jwks_url="http://127.0.0.1:1/", auth_issuer="i", auth_audience="a"
    )
    async with client_of(settings) as client:
        page = await client.get("/", headers=BROWSER)
        form = await client.post("/user", data=ADA)

    assert "<form" not in page.text
    assert "users:write" in page.text
    assert (form.status_code, form.headers["www-authenticate"]) == (401, 'Bearer realm="drydock"')


async def test_the_cookie_is_secure_with_an_https_base_url(database_url: str) -> None:
    """API_BASE_URL is the address that clients use."""
    async with client_of(Settings(database_url=database_url, api_base_url="https://service.example")) as client:
        assert "; secure" in (await client.get("/", headers=BROWSER)).headers["set-cookie"].lower()


async def test_the_pages_are_not_in_the_openapi_document(client: httpx.AsyncClient) -> None:
    """The document is for programs."""
    paths = (await client.get("/openapi.json")).json()["paths"]

    assert not {"/", "/user", "/docs", "/static/{name}"} & paths.keys()
