"""A planned stack in which a test changes single resources and references."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource

URN = "urn:pulumi:test::drydock"


def made(type_: str, name: str, properties: dict[str, Any] | None = None, **depends: str) -> Resource:
    """Return a resource; each keyword is a property that refers to the resource with this URN, and is unknown."""
    return Resource(
        type=type_,
        name=name,
        urn=f"{URN}::{type_}::{name}",
        properties={**dict.fromkeys(depends, UNKNOWN), **(properties or {})},
        dependencies={key: [urn] for key, urn in depends.items()},
    )


class Wiring:
    """The resources of a stack by kind and name, such as `Subnet:network-public-a`."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_key = {f"{each.type.rpartition(':')[2]}:{each.name}": each for each in resources}

    @property
    def resources(self) -> list[Resource]:
        """All resources, as input for a law."""
        return list(self._by_key.values())

    def __getitem__(self, key: str) -> Resource:
        return self._by_key[key]

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def drop(self, *keys: str) -> "Wiring":
        """Remove resources; references to them stay, without a target."""
        for key in keys:
            del self._by_key[key]
        return self

    def add(self, resource: Resource) -> "Wiring":
        """Add a resource."""
        self._by_key[f"{resource.type.rpartition(':')[2]}:{resource.name}"] = resource
        return self

    def change(self, key: str, change: Callable[[dict[str, Any]], object]) -> "Wiring":
        """Change the properties of a resource."""
        properties = deepcopy(self._by_key[key].properties)
        change(properties)
        self._by_key[key] = replace(self._by_key[key], properties=properties)
        return self

    def point(self, key: str, property_: str, *targets: str) -> "Wiring":
        """Make a property refer to these resources only."""
        resource = self._by_key[key]
        urns = [self._by_key[target].urn for target in targets]
        self._by_key[key] = replace(resource, dependencies={**resource.dependencies, property_: urns})
        return self
