"""Writes the schemas of the kinds of Kubernetes that a preview checks, from the API server of the pinned version.

`python -m tests.localcloud.kubernetes.validation.openapi` writes them again, for a new version of Kubernetes.
"""

import json
import ssl
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from localcloud.cloud import Cloud
from localcloud.kubernetes.validation.schemas import OPENAPI
from tests.support.control_plane import binaries, control_plane_in

Schema = dict[str, Any]
REFERENCE = "#/definitions/io.k8s."
KEPT = (
    "type",
    "format",
    "enum",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "$ref",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
)
STABLE = {"v1", "v2"}
# Requests rather than objects, and groups that the local API server does not serve.
OMITTED_KINDS = {"Binding", "ComponentStatus", "DeleteOptions", "Eviction", "Scale", "TokenRequest", "WatchEvent"}
OMITTED_GROUPS = {
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "resource.k8s.io",
}


def published(cloud: Cloud) -> dict[str, Schema]:
    """Return the definitions of the OpenAPI document of an API server."""
    request = urllib.request.Request(
        f"{cloud.kube_server}/openapi/v2",
        headers={"Authorization": f"Bearer {cloud.kube_token}", "Accept": "application/json"},
    )
    context = ssl.create_default_context(cadata=cloud.kube_ca_pem)
    with urllib.request.urlopen(request, context=context) as response:
        definitions: dict[str, Schema] = json.load(response)["definitions"]
        return definitions


def compact(definitions: dict[str, Schema]) -> str:
    """Return the definitions of stable kinds and what they refer to as JSON, without descriptions and status."""
    roots = {name: kind for name, schema in definitions.items() if (kind := _stable_kind(name, schema))}
    kept: dict[str, Schema] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in kept:
            continue
        kept[name] = _without_descriptions(definitions[name])
        if name in roots:
            kept[name]["properties"].pop("status", None)
        waiting += [f"io.k8s.{reference}" for reference in _references(kept[name])]
    kinds = {kind: name.removeprefix("io.k8s.") for name, kind in roots.items()}
    lines = [f'"kinds": {json.dumps(kinds, sort_keys=True)}']
    lines += [
        f"{json.dumps(name.removeprefix('io.k8s.'))}: {json.dumps(schema, sort_keys=True)}"
        for name, schema in sorted(kept.items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _stable_kind(name: str, schema: Schema) -> str:
    """Return `group/version/kind` of a kind that a program can create, else an empty string."""
    for each in schema.get("x-kubernetes-group-version-kind", ()):
        group, version, kind = each["group"], each["version"], each["kind"]
        is_omitted = group in OMITTED_GROUPS or kind in OMITTED_KINDS or kind.endswith("List")
        if name.startswith("io.k8s.api.") and version in STABLE and not is_omitted:
            return f"{group}/{version}/{kind}".removeprefix("/")
    return ""


def _without_descriptions(schema: Any, *, names: bool = False) -> Any:
    if isinstance(schema, dict):
        return {
            key: _without_descriptions(value, names=key == "properties" and not names)
            for key, value in schema.items()
            if names or key in KEPT
        }
    if isinstance(schema, list):
        return [_without_descriptions(item) for item in schema]
    return schema.removeprefix(REFERENCE) if isinstance(schema, str) else schema


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for value in schema.values():
            yield from _references(value)


def main() -> None:
    """Start an API server and write the file."""
    with (
        tempfile.TemporaryDirectory() as folder,
        control_plane_in(Path(folder), binaries()) as cloud,
    ):
        OPENAPI.write_text(compact(published(cloud)), encoding="utf-8")


if __name__ == "__main__":
    main()
