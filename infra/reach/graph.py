"""The resources of a plan, and the resolution of references between them.

During a preview ids are unknown, but the dependencies of each property on other resources are known. If an id is known,
as in a deployed stack, a reference is resolved by the id; otherwise by the property's dependencies of the right type. A
value may have further dependencies, such as routes that must exist first, so the expected types are always specified.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from infra.resources.properties import items, mapping
from infra.resources.resource import Resource

ID_KEYS = ("id", "arn", "name", "bucket")


class Refs(NamedTuple):
    """The resources that a property refers to."""

    found: tuple[Resource, ...] = ()
    certain: bool = True
    """Whether `found` is known to be complete and correct."""

    @property
    def only(self) -> Resource | None:
        """The resource, if there is exactly one; otherwise None."""
        return self.found[0] if len(self.found) == 1 else None


class Graph:
    """The resources of a planned stack, with lookup by type, URN or reference."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        # The order of resources from the engine varies, so sort them for reproducible results.
        self.resources = sorted(resources, key=lambda each: each.urn)
        self._by_urn = {each.urn: each for each in self.resources}
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        self._by_id: dict[tuple[str, str], Resource] = {}
        for each in self.resources:
            self._by_type[each.type].append(each)
            for key in ID_KEYS:
                if isinstance(value := each.properties.get(key), str):
                    self._by_id.setdefault((each.type, value), each)
            group = mapping(each.properties.get("vpcConfig")).get("clusterSecurityGroupId")
            if isinstance(group, str):
                self._by_id[each.type, group] = each

    def all(self, *types: str) -> list[Resource]:
        """Return the resources of these types."""
        return [each for type_ in types for each in self._by_type.get(type_, ())]

    def of(self, resource: Resource, key: str, *types: str, value: Any = None) -> Refs:
        """Return the resources of these types that a property refers to.

        Args:
            resource: The resource with the property.
            key: Name of the top-level property, for which the dependencies are known.
            types: Pulumi types of the possible targets.
            value: The reference, if it is only a part of the property.
        """
        values = items(resource.properties.get(key) if value is None else value)
        unknown = value if value is not None else resource.properties.get(key)
        if unknown is None:
            return Refs()
        found: dict[str, Resource] = {}
        missing = 0 if values else 1  # the whole list is unknown
        for each in values:
            target = self.by_id(each, *types)
            if target:
                found[target.urn] = target
            else:
                missing += 1
        if isinstance(unknown, list) and not unknown:
            return Refs()
        if not missing:
            return Refs(tuple(found.values()))
        others = [each for each in self.depends(resource, key, *types) if each.urn not in found]
        whole = bool(others) and (not isinstance(unknown, list) or len(others) >= missing)
        return Refs((*found.values(), *others), whole)

    def by_id(self, value: Any, *types: str) -> Resource | None:
        """Return the resource of one of these types with this id, ARN or name."""
        if not isinstance(value, str):
            return None
        return next((found for type_ in types if (found := self._by_id.get((type_, value)))), None)

    def depends(self, resource: Resource, key: str, *types: str) -> list[Resource]:
        """Return the resources of these types on whose outputs a property depends, in the order of their URNs."""
        urns = sorted(resource.dependencies.get(key, ()))
        return [found for urn in urns if (found := self._by_urn.get(urn)) and found.type in types]
