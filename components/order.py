"""Ordering of resources by the values they use."""

from typing import TypeVar

import pulumi

T = TypeVar("T")


def after(value: pulumi.Input[T], *resources: pulumi.Resource) -> pulumi.Output[T]:
    """Return `value` such that resources that use it are created after `resources` and deleted before them.

    They then need no `depends_on`. A known value stays known in a
    preview, because a resource's URN is.
    """
    return pulumi.Output.all(value, *(resource.urn for resource in resources)).apply(lambda values: values[0])
