"""The definitions of OpenAPI that the parts of an object follow."""

from functools import cache
from typing import Any

from localcloud.kubernetes.validation import schemas

Steps = tuple[str | int, ...]


def definition_of(manifest: dict[str, Any], path: Steps) -> str:
    """Return the name of the definition of the object at a path; a name of its own in a custom resource."""
    return _definition_of(manifest["apiVersion"], manifest["kind"], path)


@cache
def _definition_of(api_version: str, kind: str, path: Steps) -> str:
    schema: Any = schemas.schema_of(api_version, kind) or {}
    name = schemas.definition_name(api_version, kind).removeprefix("api.") or f"{api_version}/{kind}"
    for index, step in enumerate(path):
        if "$ref" in schema:
            schema = schemas.merged(schemas.definition(schema["$ref"]), schema | {"$ref": ""})
        nested = schema.get("items") if isinstance(step, int) else schema.get("properties", {}).get(step)
        schema = nested or schema.get("additionalProperties") or {}
        own = f"{kind} {'.'.join(str(each) for each in path[: index + 1] if isinstance(each, str))}"
        name = schema.get("$ref", "").removeprefix("api.") or (own if schema.get("properties") else "")
    return name
