"""Order that a value carries with it."""

from typing import TypeVar

import pulumi

T = TypeVar("T")


def after(value: pulumi.Input[T], *resources: pulumi.Resource) -> pulumi.Output[T]:
    """Give `value` back such that whatever uses it is made after `resources`, and deleted before them.

    Whoever takes the value then needs no `depends_on` and cannot forget it. A known value stays known in a
    preview, because a resource's URN is.
    """
    return pulumi.Output.all(value, *(resource.urn for resource in resources)).apply(lambda values: values[0])
