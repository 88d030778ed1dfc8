"""Forms: their fields, and messages for people about invalid ones."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 20


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields; none if the body is not a form, or has more than MAX_FIELDS."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        return {}
    body = (await request.body()).decode(errors="replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        return {}


def validated(model: type[BaseModel], fields: Mapping[str, str]) -> BaseModel | dict[str, str]:
    """Return the fields as the model, or a message for each invalid field."""
    values = {name: fields.get(name, "") for name in model.model_fields}
    try:
        return model(**values)
    except ValidationError as error:
        return {str(fault["loc"][0]): _message(fault, values) for fault in error.errors(include_url=False)}


def _message(fault: Any, values: Mapping[str, str]) -> str:
    if not values[str(fault["loc"][0])].strip():
        return "Please fill in this field."
    if fault["type"] == "string_too_long":
        return f"At most {fault['ctx']['max_length']} characters, please."
    text = fault["msg"].removeprefix("Value error, ").removeprefix("value is not a valid email address: ")
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
