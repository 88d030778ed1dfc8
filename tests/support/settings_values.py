"""Valid values of the settings, generated from the types and constraints of their model.

New settings of the model are included without a change here.
"""

import random
from collections.abc import Iterator, Mapping
from copy import deepcopy
from ipaddress import IPv4Network
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import hypothesis
from hypothesis import Phase
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stacks.settings import Settings, SettingsError, parse_settings

Values = dict[str, Any]

# The base for changes of a single setting: small, without options that would forbid a change.
BASE: Values = {
    "region": "eu-central-1",
    "protect": False,
    "network": {"availabilityZones": ["a", "b"], "natStrategy": "single"},
    "database": {"maxConnections": 5000, "applyImmediately": True},
    "edge": {"domain": "api.example.com", "zone": "example.com"},
    "service": {"adminPort": 9090},
}
# Setting -> another setting and its value, which it requires in addition to BASE.
NEEDS: Mapping[str, tuple[str, Any]] = {"edge.cloudfront": ("edge.scheme", "internet-facing")}
ASCII = st.characters(min_codepoint=32, max_codepoint=126)
networks = st.builds(
    lambda address, prefix: str(IPv4Network((address, prefix), strict=False)),
    st.one_of(
        *(st.integers(int(n[0]), int(n[-1])) for n in map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "81.0.0.0/8")))
    ),
    st.integers(16, 24),
)

# Values that AWS offers, for settings whose model has only a format.
OFFERED: dict[str, st.SearchStrategy[Any]] = {
    "alarms.topics": st.lists(
        st.from_regex(r"arn:aws:sns:eu-central-1:[0-9]{12}:[A-Za-z0-9_-]{1,40}", fullmatch=True),
        max_size=5,
        unique=True,
    ),
    "cluster.secretsStoreVersion": st.sampled_from(["v3.1.1-eksbuild.2", "v3.1.2-eksbuild.1", "v3.1.3-eksbuild.1"]),
    "database.engineVersion": st.sampled_from(["14.20", "15.17", "16.13", "17.6", "17.10", "18.1", "18.6"]),
    "edge.certificateArn": st.from_regex(
        r"arn:aws:acm:eu-central-1:[0-9]{12}:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", fullmatch=True
    ),
    "edge.cloudfront": st.fixed_dictionaries({"key": st.integers(1, 9)}),
    "edge.domain": st.sampled_from(["www.example.com", "v1.api.example.com"]),
    "edge.http": st.just("forward"),
    "edge.zone": st.sampled_from(["example.com", "api.example.com"]),
    "database.instanceClass": st.sampled_from(["db.t4g.micro", "db.t4g.medium", "db.m7g.large", "db.r8g.xlarge"]),
    "services": st.just({"shop": {"image": "app", "route": {"pathPrefix": "/shop"}}}),
    "region": st.sampled_from(["eu-west-1", "us-east-1"]),
    "service.auth": st.fixed_dictionaries(
        {
            "jwksUrl": st.sampled_from(["https://id.example/keys", "http://id.example:8443/keys"]),
            "issuer": st.sampled_from(["https://id.example", "https://other.example"]),
            "audience": st.sampled_from(["drydock", "api"]),
        }
    ),
    "service.environment": st.dictionaries(
        st.from_regex(r"X_[A-Z0-9_]{3,20}", fullmatch=True),
        st.one_of(
            st.text(ASCII, min_size=1, max_size=20), st.sampled_from(["https://a.example", "amqp://b.example:5671"])
        ),
        min_size=1,
        max_size=4,
    ),
    "service.secrets": st.dictionaries(
        st.from_regex(r"[A-Z][A-Z0-9_]{3,20}", fullmatch=True),
        st.text("abcXYZ019/_+=.@!-", min_size=1, max_size=20),
        min_size=1,
        max_size=3,
    ),
}


def leaves(model: type[BaseModel] = Settings) -> dict[str, FieldInfo]:
    """Return path -> setting of the model, such as `database.multiAz`."""
    found: dict[str, FieldInfo] = {}
    for field in model.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= {f"{field.alias}.{path}": leaf for path, leaf in leaves(field.annotation).items()}
        else:
            found[str(field.alias)] = field
    return found


def with_value(values: Values, path: str, value: Any) -> Values:
    """Return a copy of settings with one of them changed."""
    copy = deepcopy(values)
    *groups, name = path.split(".")
    target = copy
    for group in groups:
        target = target.setdefault(group, {})
    target[name] = value
    return copy


def is_valid(values: Values) -> bool:
    """Return whether the settings are accepted."""
    try:
        parse_settings(values, "test")
    except SettingsError:
        return False
    return True


def base_for(path: str) -> Values:
    """Return BASE with the settings that a setting requires."""
    needed = NEEDS.get(path)
    return with_value(BASE, *needed) if needed else BASE


def other_value(path: str) -> Any:
    """Return a valid value of a setting, as in a stack file, other than that of its base and its permutations."""
    base = base_for(path)
    before = _unordered(base)

    def changes(value: Any) -> bool:
        changed = with_value(base, path, value)
        return is_valid(changed) and _unordered(changed) != before

    return hypothesis.find(
        OFFERED[path] if path in OFFERED else field_values(leaves()[path]),
        changes,
        settings=hypothesis.settings(database=None, max_examples=1000, derandomize=False, phases=[Phase.generate]),
        random=random.Random(path),
    )


def _unordered(values: Values) -> Any:
    def unordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: unordered(inner) for key, inner in value.items()}
        return sorted(value) if isinstance(value, list) else value

    return unordered(parse_settings(values, "test").model_dump(mode="json"))


@st.composite
def whole_settings(draw: st.DrawFn) -> Values:
    """Draw settings with as many changes as possible: a value is kept if all settings together are valid."""
    values: Values = {"region": "eu-central-1"}
    for path, field in draw(st.permutations(list(leaves().items()))):
        if path == "services":  # tests/stacks/test_named_services.py has laws for them
            continue
        changed = with_value(values, path, draw(OFFERED[path] if path in OFFERED else field_values(field)))
        if is_valid(changed):
            values = changed
    return values


def field_values(field: FieldInfo) -> st.SearchStrategy[Any]:
    """Draw values of a setting as in a stack file. Rules in code may refuse some of them."""
    return _values(field.annotation, [field])


def _values(annotation: Any, constraints: list[Any]) -> st.SearchStrategy[Any]:
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        constraints = [*constraints, *more]
    limits = dict(_limits(constraints))
    arguments = get_args(annotation)
    if "enum" in limits:
        return st.sampled_from(limits["enum"])
    if get_origin(annotation) is Literal:
        return st.sampled_from(arguments)
    if get_origin(annotation) in (Union, UnionType):
        return st.one_of(*(_values(each, constraints) for each in arguments))
    if get_origin(annotation) is tuple:
        size = min(limits.get("max_length", 4), 4)
        return st.lists(_values(arguments[0], []), min_size=limits.get("min_length", 0), max_size=size, unique=True)
    if get_origin(annotation) is Mapping:
        return st.dictionaries(_values(arguments[0], []), _values(arguments[1], []), max_size=3)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        type(None): st.none(),
        bool: st.booleans(),
        int: st.integers(limits.get("ge"), limits.get("le")),
        IPv4Network: networks,
        str: st.from_regex(limits["pattern"], fullmatch=True, alphabet=ASCII)
        if "pattern" in limits
        else st.text(ASCII),
    }
    return simple[annotation]


def _limits(constraints: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield name and value of the constraints of pydantic and annotated_types."""
    for constraint in constraints:
        if isinstance(constraint, FieldInfo):
            yield from _limits(constraint.metadata)
            yield from (constraint.json_schema_extra or {}).items()  # type: ignore[union-attr]
        for name in ("ge", "le", "min_length", "max_length", "pattern"):
            if not isinstance(constraint, FieldInfo) and getattr(constraint, name, None) is not None:
                yield name, getattr(constraint, name)
