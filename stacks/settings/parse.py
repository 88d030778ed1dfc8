"""Parse settings, or raise one error that lists all problems."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from stacks.settings.encrypted import encrypted_setting
from stacks.settings.engine_yaml import Path, as_text
from stacks.settings.expectations import expectation, own_message, show
from stacks.settings.model import printable
from stacks.settings.namespaces import NAMESPACE
from stacks.settings.settings import Settings
from stacks.settings.typed import is_model, plain, typed

MOVED: Mapping[str, str] = MappingProxyType(
    {
        "service.port": "is now edge.httpPort and edge.httpsPort: the load balancer serves HTTPS too",
        "service.scheme": "is now edge.scheme; internet-facing needs edge.domain or edge.certificateArn",
    }
)
"""Settings of earlier versions, and their replacements."""


class SettingsError(ValueError):
    """Settings are invalid. The message lists each error: path, value found, and what is accepted."""


def _no_more(_: Settings) -> Iterable[str]:
    return ()


def parse_settings(
    values: Mapping[str, object],
    source: str,
    spellings: Mapping[Path, str] = MappingProxyType({}),
    *,
    encrypted: Collection[str] = (),
    rules: Callable[[Settings], Iterable[str]] = _no_more,
    others: Sequence[str] = (),
) -> Settings:
    """Parse Settings from plain values with the keys `network`, `cluster`, …, as in a stack file without `drydock:`.

    Strings are converted to the declared type, as `pulumi config set` writes them: `"false"` for a boolean, JSON for an
    object.

    Args:
        values: the values by name.
        source: where they come from, for messages.
        spellings: source text of values that are not strings.
        encrypted: paths of settings that are missing in `values` because they are encrypted.
        rules: finds what is wrong with valid settings in this stack, each as `path: message`.
        others: errors of the source outside of these settings, each as `path: message`.

    Raises:
        SettingsError: with all errors at once.
    """
    values = typed(values, Settings, spellings)
    settings, details = _validate(values)
    lines = _all_errors(values, settings, details, spellings, encrypted=encrypted, rules=rules) + list(others)
    if lines or settings is None:
        hidden = [path for path in encrypted if not any(line.startswith(f"{path}:") for line in lines)]
        notes = "".join(f"\n{path} is encrypted, so it was read as not set" for path in hidden)
        raise SettingsError(error_text(source, lines) + notes)
    return settings


def _validate(values: Mapping[str, object]) -> tuple[Settings | None, list[ErrorDetails]]:
    try:
        # As JSON, because its strict mode accepts strings for addresses, but converts nothing else.
        return Settings.model_validate_json(json.dumps(values, default=str)), []
    except ValidationError as error:
        return None, error.errors()


def _all_errors(
    values: Mapping[str, object],
    settings: Settings | None,
    details: Sequence[ErrorDetails],
    spellings: Mapping[Path, str],
    *,
    encrypted: Collection[str],
    rules: Callable[[Settings], Iterable[str]],
) -> list[str]:
    """Find all errors, although rules between settings are only evaluated if each setting is valid.

    So it validates again without the invalid ones, first within an object and then between objects. Errors about a
    setting that was removed are dropped: they would be about a default, not about the user's value.
    """
    lines: list[str] = []
    left_out: set[str] = set()
    while details:
        found = [line for detail in without_follow_up_errors(details) for line in _lines(detail, spellings, encrypted)]
        lines += [line for line in found if not any(name in line for name in left_out)]
        locations = [detail["loc"] for detail in details if detail["loc"]]
        if not locations:
            break
        values = _without(values, locations)
        left_out |= {name for where in locations if (name := _name(where))} | {"region:"}
        if ("region",) in locations:
            left_out.add(" in the region ")
        settings, details = _validate(values)
    found = list(rules(settings)) if settings else []
    return lines + [line for line in found if not any(name in line for name in left_out)]


def _name(location: tuple[int | str, ...]) -> str:
    """Return the name of a setting in the messages of rules between settings."""
    if len(location) == 1:
        return f"{location[0]}."
    return "" if location[0] == "tags" else str(location[1])


def without_follow_up_errors(details: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Remove the error that a list is too short if one of its entries is invalid, which is not counted."""
    inner = {detail["loc"][:-1] for detail in details}
    return [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in inner]


def _without(values: Mapping[str, object], locations: Iterable[tuple[int | str, ...]]) -> dict[str, object]:
    """Copy settings without those at the locations; `region`, which is required, gets a valid value."""
    copy = {key: dict(value) if isinstance(value, Mapping) else value for key, value in values.items()}
    for location in locations:
        outer = str(location[0])
        part = copy.get(outer)
        if len(location) > 1 and isinstance(part, dict):
            part.pop(str(location[1]), None)
        else:
            copy.pop(outer, None)
    return {"region": "us-east-1"} | copy


def error_text(source: str, lines: list[str]) -> str:
    """Return the message for a source with the errors `lines`."""
    count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
    return "\n".join([f"{source}: {count} in the settings", *(f"  {line}" for line in lines)])


def _lines(detail: ErrorDetails, spellings: Mapping[Path, str], encrypted: Collection[str]) -> Iterator[str]:
    path = _path(detail["loc"])
    match detail["type"]:
        case "missing" if path in encrypted:
            yield encrypted_setting(path, f"{NAMESPACE}:{path}")
        case "extra_forbidden":
            moved = MOVED.get(path)
            yield f"{path}: {moved or 'unknown setting' + _did_you_mean(detail['loc'])}"
        case "missing":
            yield f"{path}: missing; {_describe(detail['loc'])}"
        case "value_error":
            yield from _own_message(path, detail)
        case _:
            yield f"{path}: {expectation(detail)}{_found(detail)}{_hint(detail, spellings)}"


def _own_message(path: str, detail: ErrorDetails) -> Iterator[str]:
    """Yield the message of one of our validators; the message of an object validator contains the path."""
    if isinstance(detail["input"], dict):
        for line in own_message(detail).splitlines():
            yield f"{path}.{line}" if path else line
    else:
        yield f"{path}: {expectation(detail)}{_found(detail)}"


def _found(detail: ErrorDetails) -> str:
    """Return the value as it is found, except in `secrets`, where it may be a secret in place of its name."""
    if "secrets" in detail["loc"] and detail["loc"][-1] != "[key]":
        return "; its value is not shown, because it may be a secret"
    return f", got {show(detail['input'])}"


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part != "[key]":
            path += f".{printable(part)}" if path else printable(part)
    return path


def _hint(detail: ErrorDetails, spellings: Mapping[Path, str]) -> str:
    if detail["type"] == "string_pattern_mismatch":
        return number_hint(detail, spellings)
    wants_text = detail["type"] in {"string_type", "literal_error"}
    if wants_text and isinstance(detail["input"], bool | int | float):
        return f"; write {json.dumps(spellings.get(detail['loc'], as_text(detail['input'])))} in quotes"
    return ""


def number_hint(detail: ErrorDetails, spellings: Mapping[Path, str] = MappingProxyType({})) -> str:
    """Return what to do if a text was written as a number, which YAML converts: `0123` is 83, and `09` is 9.

    Without the spelling, as in a program of the engine, a short account id is the only sign of it.
    """
    spelling = spellings.get(detail["loc"], "")
    if re.search(detail["ctx"]["pattern"], spelling):
        return f", which YAML reads from {spelling}; write {json.dumps(spelling)} in quotes"
    if detail["loc"] == ("accountId",) and str(detail["input"]).isdigit():
        return "; if it begins with 0, put it in quotes: YAML reads a number with a leading zero as another one"
    return ""


def _model(location: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model that the setting at a location belongs to."""
    declared: Any = Settings
    for part in location[:-1]:
        if get_origin(declared) is Mapping:
            declared = plain(get_args(declared)[1])
        elif is_model(declared):
            names = {field.alias: field.annotation for field in declared.model_fields.values()}
            declared = plain(names.get(str(part)))
    model: type[BaseModel] = declared if is_model(declared) else Settings
    return model


def _did_you_mean(location: tuple[int | str, ...]) -> str:
    if len(location) == 1 and ":" in str(location[0]):  # a misspelt namespace: see `own_values`
        return f"; did you mean {NAMESPACE}:{str(location[0]).partition(':')[2]}?"
    known = [field.alias or "" for field in _model(location).model_fields.values()]
    matches = get_close_matches(str(location[-1]), known, n=1, cutoff=0.6)
    return f"; did you mean {matches[0]}?" if matches else f"; known are {', '.join(sorted(known))}"


def _describe(location: tuple[int | str, ...]) -> str:
    for field in _model(location).model_fields.values():
        if field.alias == location[-1] and field.description:
            return f"it is required: {' '.join(field.description.split())}"
    return "it is required"
