"""Resources of a state that cannot be deleted, because Pulumi or AWS protects them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from infra.errors import OperationError

DELETION_PROTECTION = ("deletionProtection", "enableDeletionProtection", "deletionProtectionEnabled")
"""Names of the property in Pulumi's types, such as those of EKS clusters, of load balancers and of tables."""


def require_unprotected(stack: str, resources: Iterable[Mapping[str, Any]]) -> None:
    """Refuse to destroy a stack with protected resources.

    The engine finds a protected resource only when it is about to delete it, after it has deleted others.

    Args:
        stack: name of the stack.
        resources: the resources of its state, in the format of `pulumi stack export`.

    Raises:
        OperationError: resources are protected; the message lists them and says how to turn the protection off.
    """
    found = [f"  {_name(resource)}: {', '.join(by)}" for resource in resources if (by := list(_protected_by(resource)))]
    if not found:
        return
    count = "1 resource is" if len(found) == 1 else f"{len(found)} resources are"
    raise OperationError(
        f"nothing was deleted; {count} protected:\n"
        + "\n".join(found)
        + f"\nfirst turn the protection off in the settings and run `up` of {stack}: see docs/on-aws.md, `Take it down`"
    )


def _protected_by(resource: Mapping[str, Any]) -> Iterator[str]:
    """Yield what protects a resource from deletion. The state knows deletion protection as of the last operation."""
    if resource.get("protect"):
        yield "protect"
    if resource.get("external") or resource.get("retainOnDelete"):
        return  # AWS is not asked to delete it
    values = {**(resource.get("inputs") or {}), **(resource.get("outputs") or {})}
    yield from (name for name in DELETION_PROTECTION if values.get(name) is True)


def _name(resource: Mapping[str, Any]) -> str:
    return f"{resource.get('type')} {str(resource.get('urn')).rpartition('::')[2]}"
