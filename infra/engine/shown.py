"""Prints what a rule sees of resources, without secrets."""

import json
from collections.abc import Sequence
from typing import Any

from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from infra.review.values import AFTER_UP, clean_inputs


def shown(resources: Sequence[Resource], wanted: str) -> list[str]:
    """Return a text for each resource of a type, given as a token or its end, such as `Bucket`: name and properties."""
    return [_text(each) for each in resources if _is(each.type, wanted)]


def _is(resource_type: str, wanted: str) -> bool:
    return resource_type == wanted or resource_type.endswith((f":{wanted}", f"/{wanted}"))


def _text(resource: Resource) -> str:
    """Return the properties as JSON, sorted by name; unknown values and secrets are named as such."""
    cleaned = clean_inputs(resource.type, resource.properties)
    properties = json.dumps(cleaned, indent=2, sort_keys=True, default=_unknown)
    depends = {key: [urn.rpartition("::")[2] for urn in urns] for key, urns in resource.dependencies.items() if urns}
    lines = [f"{resource.name} ({resource.type}), protect {str(resource.protect).lower()}", properties]
    return "\n".join([*lines, *(f"{key} depends on {', '.join(names)}" for key, names in sorted(depends.items()))])


def _unknown(value: Any) -> str:
    if value is UNKNOWN:
        return f"[{AFTER_UP}]"
    raise TypeError(f"{value!r} is not a property")
