"""A resource's inputs: completed by check, compared by diff, and turned into what is applied."""

import base64
import secrets
from typing import Any

from localcloud.kubernetes.reference import DEFAULT_NAMESPACE, Manifest, is_namespaced
from localcloud.protocol.servicer import ProviderError
from localcloud.protocol.values import Properties

AUTONAMED = "pulumi.com/autonamed"
AUTONAME_BYTES = 4
MANAGED_BY = ("metadata", "labels", "app.kubernetes.io/managed-by")
"""A label of Pulumi's, which a program cannot take back once it has set it."""
NOT_OBJECTS = ("helm.sh", "yaml", "kustomize")


def complete(type_: str, name: str, old: Properties, new: Properties) -> Properties:
    """Inputs with apiVersion, kind, namespace and name filled in.

    Args:
        type_: Pulumi's type token, such as `kubernetes:apps/v1:Deployment`.
        name: the logical name, which an absent metadata.name is made from, as `name-1a2b3c4d`.
        old: the inputs of last time, or {}; an automatic name is kept from them.
        new: the inputs that the program gives.

    Raises:
        ProviderError: the type is none that can be applied.
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
    # A name that was chosen and is left out is no automatic one: the engine replaces the object, and asks again for
    # the new one without the old inputs.
    if "name" not in metadata and (not old or is_autonamed(old)):
        metadata["name"] = at(old, ("metadata", "name")) or f"{name}-{secrets.token_hex(AUTONAME_BYTES)}"
        annotations = metadata.get("annotations") or {}
        if isinstance(annotations, dict):  # a preview may not know them
            metadata["annotations"] = {**annotations, AUTONAMED: "true"}
    return inputs


def is_autonamed(inputs: Properties) -> bool:
    """Return whether the name was made here rather than chosen by the program."""
    return annotation(inputs, AUTONAMED) == "true"


def annotation(manifest: Properties, key: str) -> str:
    """Return an annotation's value, or "" where it is not set."""
    found = at(manifest, ("metadata", "annotations", key))
    return "" if found is None else str(found)


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    """Return the value at a path; None where it is not set, or where a preview does not know what holds it."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def manifest_of(inputs: Properties) -> Manifest:
    """Return what is applied: a Secret's stringData becomes data, as the API server would make it.

    Server-side apply does not do that well: a key that goes from stringData stays in data.
    """
    if inputs.get("kind") != "Secret" or not isinstance(inputs.get("stringData"), dict):
        return inputs
    manifest = {key: value for key, value in inputs.items() if key != "stringData"}
    encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in inputs["stringData"].items()}
    return {**manifest, "data": {**inputs.get("data", {}), **encoded}}


def inputs_of(manifest: Manifest, inputs: Properties) -> Properties:
    """The inverse of `manifest_of`: values that came in stringData go back there, where they are known as secret."""
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
