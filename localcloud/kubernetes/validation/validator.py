"""Checks a value against a schema of `schemas`, and describes what is wrong in the words of the API server.

The keywords are those of JSON Schema, of CustomResourceDefinitions, and these:

- `x-enum` and `x-format`: as without the prefix, but "" counts as not set, as in built-in kinds;
- `x-unchecked`: with `$ref`, checks only the structure;
- `x-checks`: names of functions of `checks`, for what no other keyword expresses;
- `x-message`: the message for a value that violates the schema;
- `x-source`: where the constraints are defined.

Values that are unknown in a preview are accepted.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from jsonschema import Draft4Validator, ValidationError, validators

from localcloud.kubernetes.validation import cel, checks, formats
from localcloud.kubernetes.validation.problem import Problem, quoted
from localcloud.kubernetes.validation.schemas import BUILT_IN, SOURCE, VERSION, Schema, definition
from localcloud.protocol.values import UNKNOWN, is_unknown

Errors = Iterator[ValidationError]
Keyword = Callable[[Any, Any, Any, Schema], Errors | None]
QUANTITY = "apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "apimachinery.pkg.util.intstr.IntOrString"
SCALARS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}
PRESERVE = "x-kubernetes-preserve-unknown-fields"


def problems(schema: Schema, manifest: Schema) -> Iterator[Problem]:
    """Yield what is wrong with a manifest; values are not checked if the structure is wrong, as in the API server."""
    errors = list(_Structure(schema).iter_errors(manifest)) or _Values(schema).iter_errors(manifest)
    for error in errors:
        yield _problem(error)


def _problem(error: ValidationError) -> Problem:
    schema: Any = error.schema
    path, value = tuple(error.absolute_path), error.instance
    text = schema.get("x-message") or error.message
    if error.validator in DESCRIBED:
        text = f"Invalid value: {quoted(value)}: {text}"
    source = schema.get(SOURCE) or f"OpenAPI of Kubernetes {VERSION}"
    return Problem(path=path, text=text, source=source)


def _reference(validator: Any, name: str, value: Any, _schema: Schema) -> Errors:
    if name == QUANTITY:
        if (message := formats.quantity(value)) is not None:
            yield ValidationError(message)
    elif name == INT_OR_STRING:
        yield from _int_or_string(validator, True, value, {"x-format": "int32"})
    else:
        yield from validator.descend(value, definition(name))


def _checked_reference(validator: Any, name: str, value: Any, schema: Schema) -> Errors:
    if not schema.get("x-unchecked"):
        yield from _reference(validator, name, value, schema)


def _type(_validator: Any, name: str, value: Any, schema: Schema) -> Errors:
    is_boolean = isinstance(value, bool)
    if not isinstance(value, SCALARS[name]) or is_boolean != (name == "boolean"):
        yield ValidationError(f"expected {name}, got {_name(value)}")
    elif name == "object" and "properties" in schema and not schema.get(PRESERVE):
        known = schema["properties"]
        for key in value:
            if key not in known and "additionalProperties" not in schema:
                yield ValidationError("field not declared in schema", path=(key,), validator="unknown")


def _int_or_string(_validator: Any, _is: bool, value: Any, schema: Schema) -> Errors:
    if isinstance(value, bool) or not isinstance(value, int | str):
        yield ValidationError(f"expected integer or string, got {_name(value)}")
    elif isinstance(value, int) and "x-format" in schema and not -(2**31) <= value < 2**31:
        yield ValidationError(f"cannot unmarshal number {value} into Go value of type int32")


def _required(_validator: Any, names: list[str], value: Any, schema: Schema) -> Errors:
    for name in names:
        if isinstance(value, dict) and (name not in value or (schema.get(BUILT_IN) and value[name] in ("", [], {}))):
            yield ValidationError("Required value", path=(name,))


def _enum(_validator: Any, accepted: list[Any], value: Any, _schema: Schema) -> Errors:
    if value not in accepted:
        listed = ", ".join(quoted(each) for each in accepted)
        yield ValidationError(f"Unsupported value: {quoted(value)}: supported values: {listed}")


def _optional_enum(validator: Any, accepted: list[Any], value: Any, schema: Schema) -> Errors:
    if value != "":
        yield from _enum(validator, accepted, value, schema)


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Schema) -> Errors:
    # In Go, `$` matches only at the end of the text.
    if isinstance(value, int | str) and not re.search(re.sub(r"(?<!\\)\$$", r"\\Z", pattern), str(value)):
        yield ValidationError(f"should match '{pattern}'")


def _minimum(_validator: Any, limit: float, value: Any, schema: Schema) -> Errors:
    if isinstance(value, int | float) and _stored(value, schema) < limit:
        yield ValidationError(f"must be greater than or equal to {limit}")


def _maximum(_validator: Any, limit: float, value: Any, schema: Schema) -> Errors:
    if isinstance(value, int | float) and _stored(value, schema) > limit:
        yield ValidationError(f"must be less than or equal to {limit}")


def _stored(value: float, schema: Schema) -> float:
    """Return what a large number becomes in the API server, which drops bits without a message."""
    return (int(value) + 2**31) % 2**32 - 2**31 if schema.get("x-format") == "int32" else value


def _format(_validator: Any, name: str, value: Any, _schema: Schema) -> Errors:
    check = formats.FORMATS.get(name)
    if check and value != "" and (message := check(value)):
        yield ValidationError(message)


def _map_keys(_validator: Any, keys: list[str], value: Any, _schema: Schema) -> Errors:
    if not isinstance(value, list):
        return
    seen: list[list[Any]] = []
    for index, item in enumerate(value):
        found = [item.get(key, DEFAULTS.get(key)) for key in keys] if isinstance(item, dict) else [UNKNOWN]
        if is_unknown(found):
            continue
        if found in seen:
            pairs = ", ".join(f"{key}={quoted(part)}" for key, part in zip(keys, found, strict=True))
            yield ValidationError(f"Duplicate value: {pairs}", path=(index,))
        seen.append(found)


def _set(_validator: Any, list_type: str, value: Any, _schema: Schema) -> Errors:
    for index, item in enumerate(value if list_type == "set" and isinstance(value, list) else ()):
        if item in value[:index] and not is_unknown(item):
            yield ValidationError(f"Duplicate value: {quoted(item)}", path=(index,))


def _property_names(validator: Any, schema: Schema, value: Any, _parent: Schema) -> Errors:
    for key in value if isinstance(value, dict) else ():
        yield from validator.descend(key, schema, path=key)


def _size(sized: Any, compare: Callable[[int, int], bool], message: str) -> Keyword:
    def keyword(_validator: Any, limit: int, value: Any, _schema: Schema) -> Errors:
        # A property that is unknown may turn out not to be set.
        is_sized = isinstance(value, sized) and not (isinstance(value, dict) and UNKNOWN in value.values())
        if is_sized and compare(len(value), limit):
            yield ValidationError(message.format(limit))

    return keyword


def _checks(_validator: Any, names: list[str], value: Any, _schema: Schema) -> Errors:
    for name in names:
        for path, message in checks.CHECKS[name](value):
            yield ValidationError(message, path=path)


def _rules(_validator: Any, rules: list[Schema], value: Any, _schema: Schema) -> Errors:
    for rule in rules:
        if not cel.holds(rule["rule"], value):
            reason = cel.REASONS[rule.get("reason", "FieldValueInvalid")]
            path = tuple(part for part in rule.get("fieldPath", "").split(".") if part)
            yield ValidationError(f"{reason}: {rule['message']}", path=path)


def _name(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object", list: "array"}
    return f"{names.get(type(value), 'null')} {quoted(value)}" if value is not None else "null"


def _known(keyword: Keyword) -> Keyword:
    """Skip values that a preview does not know."""

    def check(validator: Any, limit: Any, value: Any, schema: Schema) -> Errors:
        if value != UNKNOWN:
            yield from keyword(validator, limit, value, schema) or ()

    return check


DEFAULTS = {"protocol": "TCP"}
_SIZES: dict[str, Keyword] = {
    "minLength": _size(str, int.__lt__, "should be at least {} chars long"),
    "maxLength": _size(str, int.__gt__, "may not be more than {} bytes"),
    "minItems": _size(list, int.__lt__, "should have at least {} items"),
    "maxItems": _size(list, int.__gt__, "must have at most {} items"),
    "minProperties": _size(dict, int.__lt__, "should have at least {} properties"),
    "maxProperties": _size(dict, int.__gt__, "must have at most {} items"),
}
_NESTED: dict[str, Keyword] = {
    **{name: Draft4Validator.VALIDATORS[name] for name in ("properties", "additionalProperties", "items")},
}
_STRUCTURE: dict[str, Keyword] = {
    **_NESTED,
    "$ref": _reference,
    "type": _type,
    "x-kubernetes-int-or-string": _int_or_string,
    "x-kubernetes-list-map-keys": _map_keys,
    "x-kubernetes-list-type": _set,
}
_VALUES: dict[str, Keyword] = {
    **_NESTED,
    **_SIZES,
    "$ref": _checked_reference,
    "required": _required,
    "enum": _enum,
    "x-enum": _optional_enum,
    "pattern": _pattern,
    "minimum": _minimum,
    "maximum": _maximum,
    "propertyNames": _property_names,
    "x-format": _format,
    "x-checks": _checks,
    "x-kubernetes-validations": _rules,
}
DESCRIBED = {*_SIZES, "$ref", "pattern", "minimum", "maximum", "x-format"}
"""Keywords whose message describes the accepted values, after the value itself."""


def _validator(keywords: dict[str, Keyword]) -> Any:
    known = {name: _known(keyword) for name, keyword in keywords.items()}
    return validators.create(meta_schema={}, validators=known, version="Kubernetes")


_Structure = _validator(_STRUCTURE)
_Values = _validator(_VALUES)
