"""The CSRF token of the form: only pages of this service can send it."""

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from app.security.csrf import CrossSiteError, Csrf

TOKEN = "a" * 43


def request(cookie: str | None = TOKEN, scheme: str = "http", **headers: str) -> Request:
    given = {"host": "service.example", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if cookie is not None:
        given["cookie"] = f"csrf={cookie}"
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "scheme": scheme,
        "path": "/user",
        "query_string": b"",
        "server": ("service.example", 80),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    return Request(scope)


def refused(given: Request, field: str = TOKEN, base_url: str = "") -> bool:
    try:
        Csrf(base_url).check(given, field)
    except CrossSiteError:
        return True
    return False


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": "http://service.example"},
        {"origin": "https://service.example"},
        {"origin": "https://SERVICE.example"},
        {"origin": "https://public.example", "sec_fetch_site": "same-origin"},
    ],
)
def test_a_form_of_this_service_is_accepted(headers: dict[str, str]) -> None:
    """Also from old browsers without these headers, and behind a proxy that ends TLS or changes the host."""
    assert not refused(request(**headers), base_url="https://public.example")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "https://service.example.evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://[::1"},
        {"origin": "http://service.example:8080"},
    ],
)
def test_rejects_another_site_even_with_the_right_token(headers: dict[str, str]) -> None:
    """A sibling domain can set the cookie, so the token alone proves nothing."""
    assert refused(request(**headers))


@pytest.mark.parametrize(
    ("cookie", "field"),
    [
        (None, TOKEN),
        (TOKEN, ""),
        (TOKEN, "b" * 43),
        ("", ""),
        ("short", "short"),
        (TOKEN, TOKEN + "a"),
        (TOKEN, "é" * 43),
    ],
)
def test_rejects_a_missing_or_different_token(cookie: str | None, field: str) -> None:
    """Two equal texts that are not in the format of a token count as missing."""
    assert refused(request(cookie), field)


def test_a_valid_token_is_kept_and_an_invalid_one_replaced() -> None:
    """So two open pages of a browser share a token. New tokens are random."""
    csrf = Csrf()

    assert csrf.token(request(TOKEN)) == TOKEN
    made = {csrf.token(request("broken")) for _ in range(20)} | {csrf.token(request(None))}
    assert len(made) == 21
    assert not any(refused(request(token), token) for token in made)


@pytest.mark.parametrize(
    ("base_url", "given", "secure"),
    [
        ("", request(), False),
        ("http://service.example", request(), False),
        ("https://service.example", request(), True),
        ("", request(scheme="https"), True),
        ("", request(x_forwarded_proto="https"), True),
    ],
)
def test_the_cookie_is_restricted_to_this_service(base_url: str, given: Request, secure: bool) -> None:
    """It is hidden from scripts, not sent for other sites, and over HTTPS sent only there."""
    response = Response()
    Csrf(base_url).give(response, given, TOKEN)
    cookie = {part.strip().lower() for part in response.headers["set-cookie"].split(";")}

    assert {f"csrf={TOKEN}", "httponly", "samesite=strict", "path=/"} <= cookie
    assert ("secure" in cookie) == secure
