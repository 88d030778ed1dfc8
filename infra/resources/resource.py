"""A resource of a plan."""

from dataclasses import dataclass, field
from typing import Any

Properties = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as the rules see it."""

    type: str
    """Pulumi type token, such as `aws:rds/instance:Instance`."""
    name: str
    urn: str
    properties: Properties
    """In camelCase, as the engine passes them; UNKNOWN where a preview cannot know."""
    protect: bool = False
    dependencies: dict[str, list[str]] = field(default_factory=dict)
    """Property -> URNs of the resources whose outputs it is made of. Only stack rules have it."""
