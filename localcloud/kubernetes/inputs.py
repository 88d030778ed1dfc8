"""The inputs of a resource: completes them for check, and converts them to the manifest that is applied."""

import base64
import secrets
from typing import Any

from localcloud.kubernetes.reference import DEFAULT_NAMESPACE, Manifest, is_namespaced
from localcloud.protocol.servicer import ProviderError
from localcloud.protocol.values import Properties

AUTONAMED = "pulumi.com/autonamed"
AUTONAME_BYTES = 4
MANAGED_BY = ("metadata", "labels", "app.kubernetes.io/managed-by")
"""A Pulumi label that a program cannot remove once it has set it."""
NOT_OBJECTS = ("helm.sh", "yaml", "kustomize")


def complete(type_: str, name: str, old: Properties, new: Properties) -> Properties:
    """Return the inputs with apiVersion, kind, namespace and name filled in.

    Args:
        type_: Pulumi's type token, such as `kubernetes:apps/v1:Deployment`.
        name: the logical name; a missing metadata.name is generated from it, as `name-1a2b3c4d`.
        old: the inputs of the last deployment, or {}; a generated name is kept from them.
        new: the inputs from the program.

    Raises:
        ProviderError: objects of this type cannot be applied.
    """
    api_version, kind = _kind_of(type_)
    inputs: Properties = _without_nulls(new)
    inputs.pop("status", None)
    inputs.setdefault("apiVersion", api_version)
    if inputs.setdefault("kind", kind) != kind:  # a resource that patches part of an object
        raise ProviderError(f"{type_} has no stand-in in the local cloud; declare the whole {inputs['kind']}")
    metadata = inputs.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        return inputs
    if is_namespaced(kind):
        metadata.setdefault("namespace", DEFAULT_NAMESPACE)
    if at(old, MANAGED_BY) == "pulumi":
        labels = metadata.get("labels") or {}
        if isinstance(labels, dict):  # a preview may not know them
            metadata["labels"] = {**labels, MANAGED_BY[-1]: "pulumi"}
    # Do not generate a name if the program has removed one that it chose: the engine replaces the object, and calls
    # check again for the new object without the old inputs.
    if "name" not in metadata and (not old or is_autonamed(old)):
        metadata["name"] = at(old, ("metadata", "name")) or f"{name}-{secrets.token_hex(AUTONAME_BYTES)}"
        annotations = metadata.get("annotations") or {}
        if isinstance(annotations, dict):  # a preview may not know them
            metadata["annotations"] = {**annotations, AUTONAMED: "true"}
    return inputs


def is_autonamed(inputs: Properties) -> bool:
    """Return whether the name was generated rather than chosen by the program."""
    return annotation(inputs, AUTONAMED) == "true"


def annotation(manifest: Properties, key: str) -> str:
    """Return the value of an annotation, or "" if it is not set."""
    found = at(manifest, ("metadata", "annotations", key))
    return "" if found is None else str(found)


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    """Return the value at a path; None if it is not set, or if the object that contains it is unknown in a preview."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def manifest_of(inputs: Properties) -> Manifest:
    """Return the manifest to apply: stringData of a Secret is converted to data, as the API server would do.

    Server-side apply does not handle this correctly: a key that is removed from stringData remains in data.
    """
    if inputs.get("kind") != "Secret" or not isinstance(inputs.get("stringData"), dict):
        return inputs
    manifest = {key: value for key, value in inputs.items() if key != "stringData"}
    encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in inputs["stringData"].items()}
    return {**manifest, "data": {**inputs.get("data", {}), **encoded}}


def inputs_of(manifest: Manifest, inputs: Properties) -> Properties:
    """Return the inputs of a manifest, with values from stringData moved back there, where they are marked secret.

    This is the inverse of `manifest_of`.
    """
    plain = inputs.get("stringData")
    if inputs.get("kind") != "Secret" or plain is None:
        return manifest
    data = manifest.get("data", {})
    result = {key: value for key, value in manifest.items() if key != "data"}
    result["stringData"] = {
        key: base64.b64decode(value).decode(errors="backslashreplace") for key, value in data.items() if key in plain
    }
    if "data" in inputs:
        result["data"] = {key: value for key, value in data.items() if key not in plain}
    return result


def _kind_of(type_: str) -> tuple[str, str]:
    package, _, rest = type_.partition(":")
    api_version, _, kind = rest.rpartition(":")
    group = api_version.partition("/")[0]
    if package != "kubernetes" or not api_version or group in NOT_OBJECTS:
        raise ProviderError(f"{type_} has no stand-in in the local cloud; declare the Kubernetes objects themselves")
    return api_version.removeprefix("core/"), kind


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
