"""The schemas of kinds: OpenAPI of Kubernetes with the constraints of its validation, and CustomResourceDefinitions.

`openapi.json` is what the API server of Kubernetes publishes. It has the fields with their types, but hardly a
constraint, because Kubernetes validates values in Go. The files in `constraints/` add them in the words of JSON Schema
and of CustomResourceDefinitions, each with the Go function that it follows.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from localcloud.kubernetes import auto_mode

Schema = dict[str, Any]
OPENAPI = Path(__file__).parent / "openapi.json"
CONSTRAINTS = Path(__file__).parent / "constraints"
VERSION = "1.35"
SOURCE = "x-source"
BUILT_IN = "x-built-in"
META = "apimachinery.pkg.apis.meta.v1.ObjectMeta"
JOINED = ("required", "x-checks", "x-kubernetes-validations")
# The API server treats "" in a field of a built-in kind as a field that is not set.
OPTIONAL = {"enum": "x-enum", "format": "x-format"}


def schema_of(api_version: str, kind: str) -> Schema | None:
    """Return the schema of a kind; None for a kind that is not known here, such as that of another controller."""
    if name := definition_name(api_version, kind):
        return _root(definition(name), "dns-subdomain")
    custom = _custom().get((api_version, kind))
    return custom and _root(custom, "dns-subdomain")


def kinds() -> tuple[tuple[str, str], ...]:
    """Return apiVersion and kind of each kind with a schema."""
    built_in = (name.rpartition("/") for name in _openapi()["kinds"])
    return (*((version, kind) for version, _, kind in built_in), *_custom())


def definition_name(api_version: str, kind: str) -> str:
    """Return the name of the definition of a built-in kind; "" for another kind."""
    name: str = _openapi()["kinds"].get(f"{api_version}/{kind}", "")
    return name


def removed(api_version: str, kind: str) -> bool:
    """Return whether a kind is of an unstable version that Kubernetes replaced by a stable one and no longer serves."""
    group, _, version = api_version.rpartition("/")
    stable = {tuple(name.rsplit("/", 2)) for name in _openapi()["kinds"]}
    is_stable = any(kind == each[-1] and group in (each[0], "extensions") for each in stable if len(each) == 3)
    return is_stable and ("alpha" in version or "beta" in version)


@cache
def definition(name: str) -> Schema:
    """Return a definition of OpenAPI with its constraints, by its name, such as `api.core.v1.PodSpec`."""
    published = {**_with_optional_values(_openapi()[name]), BUILT_IN: True}
    added = _constraints().get(name.removeprefix("api."))
    if added is None:
        structure: Schema = _structure_of(published)
        return structure
    required = [each for each in published.get("required", ()) if each not in added.get("x-optional", ())]
    return merged({**published, "required": required}, added)


def _structure_of(schema: Any, *, names: bool = False) -> Any:
    """Return a schema without required fields and enumerations, which OpenAPI also lists where nothing checks them."""
    if not isinstance(schema, dict):
        return schema
    return {
        key: _structure_of(value, names=key == "properties" and not names)
        for key, value in schema.items()
        if names or key not in ("required", "x-enum")
    }


def constrained() -> tuple[str, ...]:
    """Return the names of the definitions that have constraints."""
    return tuple(_constraints())


def merged(schema: Schema, added: Schema) -> Schema:
    """Return a schema with keywords and nested schemas added; lists of rules are joined."""
    result = dict(schema)
    for key, value in added.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        elif key in JOINED:
            result[key] = [*result.get(key, ()), *value]
        else:
            result[key] = value
    return result


def _root(schema: Schema, name: str) -> Schema:
    metadata = {"$ref": META, "properties": {"name": {"x-format": name}}}
    return merged({"properties": {"metadata": metadata}}, schema)


@cache
def _openapi() -> Schema:
    published: Schema = json.loads(OPENAPI.read_text(encoding="utf-8"))
    return published


@cache
def _constraints() -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for path in sorted(CONSTRAINTS.glob("*.yaml")):
        for names, schema in _read(path).items():
            source = schema.pop("source")
            for name in names.split():
                found[name] = merged(
                    found.get(name, {}), _with_source(_with_optional_values(schema), source, built_in=True)
                )
    return found


@cache
def _custom() -> dict[tuple[str, str], Schema]:
    found = {}
    for crd in auto_mode.definitions():
        spec = crd["spec"]
        for version in spec["versions"]:
            source = f"CustomResourceDefinition {crd['metadata']['name']}"
            schema = _with_source(version["schema"]["openAPIV3Schema"], source)
            schema["properties"]["metadata"] = {}
            found[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = schema
    return found


def _read(path: Path) -> Schema:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: Schema = yaml.load(path.read_text(encoding="utf-8"), loader)  # noqa: S506 - both loaders are safe
    return content


def _with_optional_values(schema: Any, *, names: bool = False) -> Any:
    if isinstance(schema, dict):
        return {
            key if names else OPTIONAL.get(key, key): _with_optional_values(
                value, names=key == "properties" and not names
            )
            for key, value in schema.items()
        }
    return schema


def _with_source(schema: Schema, source: str, *, built_in: bool = False, names: bool = False) -> Schema:
    nested = {}
    for key, value in schema.items():
        are_names = key == "properties" and not names
        is_schema = isinstance(value, dict)
        nested[key] = _with_source(value, source, built_in=built_in, names=are_names) if is_schema else value
    return nested if names else {SOURCE: source, BUILT_IN: built_in, **nested}
