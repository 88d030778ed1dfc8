"""Attacks on the users page: markup in names, forged messages, forms of other sites."""

import html
import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import app.web
from app.core.html.pages import Pages
from tests.app.web.form import ADA, BROWSER, post, token

WEB = Path(app.web.__file__).parent


@pytest.fixture
def person(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client with the headers of a browser."""
    client.headers.update(BROWSER)
    return client


@pytest.mark.parametrize("created", ["<script>alert(1)</script>", "0", "-1", "1 was hacked", "99", "%00"])
async def test_the_message_cannot_be_forged(person: httpx.AsyncClient, created: str) -> None:
    """Only the id of a user on the page has a confirmation; the text of the parameter is not shown."""
    await post(person, **ADA)
    page = (await person.get("/", params={"created": created})).text

    assert "was added" not in page
    assert "hacked" not in page
    assert "alert" not in page


@given(name=st.text(alphabet="<>&\"'`=/ javscript:onerr{}%\\é", min_size=1, max_size=60))
def test_names_are_escaped(name: str) -> None:
    """In the list, in messages and in fields, so a browser shows the name itself."""
    user = {"id": 1, "name": name, "email": f"{name}@example.com", "created_at": datetime.now(UTC)}
    page = bytes(
        Pages(WEB)
        .render(
            "users.html",
            users=[user],
            created=user,
            values={"name": name, "email": name},
            faults={"name": name},
            sent=True,
            csrf="t",
            next_cursor=None,
            later=False,
            token_needed=False,
        )
        .body
    ).decode()

    shown = [html.unescape(part) for part in re.findall(r"<strong>([^<>]*)</strong>", page)]
    assert shown == [name, name]
    assert [html.unescape(part) for part in re.findall(r' value="([^"<>]*)"', page)] == ["t", name, name]
    assert [html.unescape(part) for part in re.findall(r'id="name-fault">([^<>]*)</p>', page)] == [name]
    assert re.findall(r"</?(\w+)", page).count("script") == 0


async def test_a_stored_script_is_escaped(person: httpx.AsyncClient) -> None:
    """It was created over the API."""
    name = "<script>alert('x')</script>"
    assert (await person.post("/api/users", json={"name": name, "email": "x@example.com"})).status_code == 201
    page = (await person.get("/?created=1")).text

    assert page.count(html.escape(name, quote=False).replace("'", "&#39;")) == 2
    assert "<script" not in page


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
async def test_rejects_a_form_of_another_site(person: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """With 403 and a page; nothing is stored."""
    response = await post(person, headers, **ADA)

    assert (response.status_code, "Not accepted" in response.text) == (403, True)
    assert (await person.get("/api/users")).json() == []


async def test_rejects_a_wrong_or_missing_token(person: httpx.AsyncClient) -> None:
    """In the field or in the cookie. Programs get a problem."""
    await token(person)
    wrong = await person.post("/user", data={**ADA, "csrf": "a" * 43})
    missing = await person.post("/user", data=ADA)
    program = await person.post("/user", data=ADA, headers={"Accept": "*/*"})
    kept = await token(person)
    person.cookies.clear()
    no_cookie = await person.post("/user", data={**ADA, "csrf": kept})

    assert {r.status_code for r in (wrong, missing, program, no_cookie)} == {403}
    assert program.headers["content-type"] == "application/problem+json"
    assert (await person.get("/api/users")).json() == []


async def test_the_token_stays_the_same_for_a_browser(person: httpx.AsyncClient) -> None:
    """So two open pages both work. The cookie is hidden from scripts and not sent for other sites."""
    assert await token(person) == await token(person)

    cookie = (await person.get("/")).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


async def test_rejects_another_media_type(person: httpx.AsyncClient) -> None:
    """Another site can send text/plain without a preflight request."""
    response = await person.post("/user", json={**ADA, "csrf": await token(person)})

    assert response.status_code == 403
