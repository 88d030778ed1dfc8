"""A recorded program as in a preview: outputs of providers are UNKNOWN, references are dependencies."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from tests.support.recorder import Recording
from tests.support.stacks import whole_stack


def planned(recording: Recording) -> list[Resource]:
    """Return the resources of a recording as the policy pack sees them in a preview of a new stack."""
    made = {text for each in recording.resources.values() for text in each.identities}
    return [replace(each, properties=_veiled(each.properties, made)) for each in deployed(recording)]


def deployed(recording: Recording) -> list[Resource]:
    """Return the resources of a recording as the policy pack sees them after `up`, with ids."""
    return [
        Resource(
            type=each.type,
            name=each.name,
            urn=each.urn,
            properties={**each.inputs, "id": each.id} if each.custom else dict(each.inputs),
            protect=each.protect,
            dependencies=dict(each.property_dependencies),
        )
        for each in recording.resources.values()
    ]


@cache
def planned_stack(stack: str) -> tuple[Resource, ...]:
    """Return the planned resources of a committed stack by its name. They are cached: do not change them."""
    return tuple(planned(whole_stack(stack)))


def _veiled(value: Any, made: set[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _veiled(each, made) for key, each in value.items()}
    if isinstance(value, list):
        # The program passes most lists as one output, which is unknown as a whole.
        return (
            UNKNOWN
            if any(each in made for each in value if isinstance(each, str))
            else [_veiled(e, made) for e in value]
        )
    return UNKNOWN if isinstance(value, str) and value in made else value
