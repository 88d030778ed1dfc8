"""Finds the resource that a property of another resource refers to."""

from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource


def refers_to(resource: Resource, name: str, target: Resource, *, key: str = "id") -> bool:
    """Return whether a property of a resource refers to a target, by dependency or by value.

    Outputs of a target are unknown before its creation, so the dependency is checked first. An unknown value without
    one may refer to any resource.

    Args:
        resource: the resource with the property.
        name: the property, such as `bucket`.
        target: the resource that it may refer to.
        key: the output of the target, such as `arn`. The id and the name of a bucket are compared too.
    """
    if target.urn in resource.dependencies.get(name, []):
        return True
    value = resource.properties.get(name)
    if value is UNKNOWN and name not in resource.dependencies:
        return True
    return isinstance(value, str) and value in [target.properties.get(each) for each in (key, "id", "bucket")]
