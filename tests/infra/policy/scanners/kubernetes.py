"""Render the Kubernetes objects of a stack as manifests."""

from collections.abc import Sequence
from typing import Any

import yaml

from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource


def manifests(resources: Sequence[Resource]) -> str:
    """Return the Kubernetes objects as a stream of YAML documents, without unknown values."""
    objects = [each for each in resources if each.type.startswith("kubernetes:")]
    return yaml.safe_dump_all([_known(_manifest(each)) for each in objects], sort_keys=False)


def _manifest(resource: Resource) -> dict[str, Any]:
    """Return an object with its name; Pulumi names an object without one after its resource."""
    given = {key: value for key, value in resource.properties.items() if key != "id"}
    return {**given, "metadata": {"name": resource.name, **given.get("metadata", {})}}


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items() if each is not UNKNOWN}
    if isinstance(value, list):
        return [_known(each) for each in value if each is not UNKNOWN]
    return int(value) if isinstance(value, float) and value.is_integer() else value
