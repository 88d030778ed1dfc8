"""What a form sent, and what to tell a person about it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.requests import Request

from app.routes.users import UserBody

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 20


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields; none if the body is no such form, or an absurd one."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        return {}
    body = (await request.body()).decode(errors="replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        return {}


def user_of(fields: Mapping[str, str]) -> UserBody | dict[str, str]:
    """Return the user that the fields tell of, or a message for each field at fault."""
    values = {name: fields.get(name, "") for name in UserBody.model_fields}
    try:
        return UserBody(**values)
    except ValidationError as error:
        return {str(fault["loc"][0]): _message(fault, values) for fault in error.errors(include_url=False)}


def _message(fault: Any, values: Mapping[str, str]) -> str:
    if not values[str(fault["loc"][0])].strip():
        return "Please fill in this field."
    if fault["type"] == "string_too_long":
        return f"At most {fault['ctx']['max_length']} characters, please."
    text = fault["msg"].removeprefix("Value error, ").removeprefix("value is not a valid email address: ")
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
