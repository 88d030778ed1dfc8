"""The resources of a plan, and what each reference in them refers to.

A preview does not know ids, but it knows which resource's outputs each property is made of. Where an id is known, as in
a deployed stack, it decides; where it is not, the property's dependencies of the right type do. A value may depend on
more than it holds, such as the routes that have to be there first, so types are always named.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from infra.resources.properties import items, mapping
from infra.resources.resource import Resource

ID_KEYS = ("id", "arn", "name", "bucket")


class Refs(NamedTuple):
    """What a property refers to."""

    found: tuple[Resource, ...] = ()
    certain: bool = True
    """Whether that is all, and all of it."""

    @property
    def only(self) -> Resource | None:
        """The one resource it refers to; None where there is none or it could be several."""
        return self.found[0] if len(self.found) == 1 else None


class Graph:
    """A planned stack's resources, looked up by type, URN or reference."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        # The engine tells them in another order each time; answers come in one.
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
            resource: The resource that has the property.
            key: Its name at the top of the resource, by which dependencies are known.
            types: Pulumi types of what it may refer to.
            value: The reference, where it is not the whole property.
        """
        values = items(resource.properties.get(key) if value is None else value)
        unknown = value if value is not None else resource.properties.get(key)
        if unknown is None:
            return Refs()
        found: dict[str, Resource] = {}
        missing = 0 if values else 1  # a list that is unknown as a whole
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
        """Return the resource of one of these types that has this id, ARN or name."""
        if not isinstance(value, str):
            return None
        return next((found for type_ in types if (found := self._by_id.get((type_, value)))), None)

    def depends(self, resource: Resource, key: str, *types: str) -> list[Resource]:
        """Return the resources of these types whose outputs a property is made of."""
        urns = resource.dependencies.get(key, ())
        return [found for urn in urns if (found := self._by_urn.get(urn)) and found.type in types]
