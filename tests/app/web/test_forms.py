"""Parsing and validation of forms."""

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
async def test_decodes_fields(media_type: str) -> None:
    """Spaces, UTF-8 and empty fields."""
    body = b"name=J%C3%B6rg+%26+Co&email=&csrf=a"

    assert await read_form(request(body, media_type)) == {"name": "Jörg & Co", "email": "", "csrf": "a"}


@pytest.mark.parametrize(
    ("body", "media_type"),
    [(b'{"name":"a"}', "application/json"), (b"name=a", ""), (b"&".join([b"a=b"] * 21), MEDIA_TYPE)],
)
async def test_another_media_type_or_too_many_fields_are_no_form(body: bytes, media_type: str) -> None:
    """There are no fields, so there is no token."""
    assert await read_form(request(body, media_type)) == {}


@given(st.binary())
async def test_parses_any_bytes(body: bytes) -> None:
    """All fields can be encoded as UTF-8."""
    for name, value in (await read_form(request(body))).items():
        assert f"{name}{value}".encode().decode() == f"{name}{value}"


def test_valid_fields_become_a_user() -> None:
    """Other fields, such as the token, are ignored."""
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
    """The messages are for people."""
    assert validated(UserBody, fields) == faults
