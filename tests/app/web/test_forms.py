"""Forms: what was sent, and what is said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from app.users.routes import UserBody
from app.web.forms import MEDIA_TYPE, read_form, validated


def request(body: bytes, media_type: str = MEDIA_TYPE) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", media_type.encode())]
    return Request({"type": "http", "method": "POST", "path": "/user", "headers": headers}, receive)


@pytest.mark.parametrize("media_type", [MEDIA_TYPE, f"{MEDIA_TYPE}; charset=utf-8", MEDIA_TYPE.upper()])
async def test_fields_are_decoded(media_type: str) -> None:
    """Spaces, UTF-8, and fields that were left empty."""
    body = b"name=J%C3%B6rg+%26+Co&email=&csrf=a"

    assert await read_form(request(body, media_type)) == {"name": "Jörg & Co", "email": "", "csrf": "a"}


@pytest.mark.parametrize(
    ("body", "media_type"),
    [(b'{"name":"a"}', "application/json"), (b"name=a", ""), (b"&".join([b"a=b"] * 21), MEDIA_TYPE)],
)
async def test_rejects_what_is_no_such_form(body: bytes, media_type: str) -> None:
    """It then has no fields, so no token either."""
    assert await read_form(request(body, media_type)) == {}


@given(st.binary())
async def test_any_bytes_are_some_fields(body: bytes) -> None:
    """And each of them can be sent back as UTF-8."""
    for name, value in (await read_form(request(body))).items():
        assert f"{name}{value}".encode().decode() == f"{name}{value}"


def test_valid_fields_become_a_user() -> None:
    """Other fields, such as the token, do not matter."""
    user = validated(UserBody, {"name": " Ada ", "email": "ada@example.com", "csrf": "x"})

    assert user == UserBody(name="Ada", email="ada@example.com")


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({}, {"name": "Please fill in this field.", "email": "Please fill in this field."}),
        ({"name": " ", "email": "ada@example.com"}, {"name": "Please fill in this field."}),
        ({"name": "a" * 201, "email": "ada@example.com"}, {"name": "At most 200 characters, please."}),
        (
            {"name": "a\0", "email": "ada@example.com"},
            {"name": "Text must not contain the character U+0000, which PostgreSQL cannot store."},
        ),
        ({"name": "Ada", "email": "ada"}, {"email": "An email address must have an @-sign."}),
        (
            {"name": "Ada", "email": "Ada <ada@example.com>"},
            {"email": "Must be only the address, such as john@example.com, without a name or brackets."},
        ),
    ],
)
def test_each_invalid_field_has_a_message(fields: dict[str, str], faults: dict[str, str]) -> None:
    """The messages are written for people."""
    assert validated(UserBody, fields) == faults
