"""Values in the types that the settings declare.

`pulumi config set` writes top-level values as text, and converts numbers and booleans inside objects. So values are
converted to the declared type: `"false"` to a boolean, and 4711 to text.
"""

import json
import re
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from stacks.settings.engine_yaml import Path, as_text

BOOLEANS = {"true": True, "false": False}
WHOLE_NUMBER = re.compile(r"-?(0|[1-9]\d{0,18})", re.ASCII)  # of 64 bits, which is more than any setting takes


def typed(
    values: Mapping[str, object], model: type[BaseModel], spellings: Mapping[Path, str], path: Path = ()
) -> dict[str, object]:
    """Return the values, each converted to the type that the model declares, if possible.

    A value that cannot be converted, such as `"maybe"` for a boolean, is returned unchanged, and the model refuses it.
    `spellings` are as in `engine_yaml.Document`: a number written as `007` is not converted to text.
    """
    declared = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    return {name: _typed(value, declared.get(name), spellings, (*path, name)) for name, value in values.items()}


def _typed(value: object, declared: Any, spellings: Mapping[Path, str], path: Path) -> object:
    declared = plain(declared)
    origin = get_origin(declared)
    if is_model(declared) or origin in (Mapping, tuple):
        value = _from_json(value)
    if isinstance(value, dict) and is_model(declared):
        return typed(value, declared, spellings, path)
    if isinstance(value, dict) and origin is Mapping:
        inner = get_args(declared)[1]
        return {name: _typed(each, inner, spellings, (*path, name)) for name, each in value.items()}
    if isinstance(value, list) and origin is tuple:
        inner = get_args(declared)[0]
        return [_typed(each, inner, spellings, (*path, index)) for index, each in enumerate(value)]
    scalar = type(get_args(declared)[0]) if origin is Literal else declared
    return _scalar(value, scalar, path in spellings)


def _scalar(value: object, declared: Any, spelled_otherwise: bool) -> object:
    if isinstance(value, str) and declared is bool:
        return BOOLEANS.get(value, value)
    if isinstance(value, str) and declared is int and WHOLE_NUMBER.fullmatch(value):
        return int(value)
    if isinstance(value, int) and declared is str and not spelled_otherwise:
        return as_text(value)
    return value


def plain(declared: Any) -> Any:
    """Return a declared type without its constraints (Annotated) and without None (Optional)."""
    if get_origin(declared) is Annotated:
        return plain(get_args(declared)[0])
    if get_origin(declared) in (Union, UnionType):
        (inner,) = (each for each in get_args(declared) if each is not NoneType)
        return plain(inner)
    return declared


def is_model(declared: Any) -> bool:
    """Return whether a type is one of the settings' own."""
    return isinstance(declared, type) and issubclass(declared, BaseModel)


def _from_json(value: object) -> object:
    """Parse text that is a JSON object or list, as the engine passes it. Return None for "", and other values
    unchanged."""
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        found: object = json.loads(value, object_pairs_hook=_once, parse_constant=_refused)
        json.dumps(found, ensure_ascii=False).encode()  # fails for half of a surrogate pair, which is no character
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, dict | list) else value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("an object has a duplicate key")
    return dict(pairs)


def _refused(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")
