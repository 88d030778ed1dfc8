"""The service accepts no write without a bearer token: who reaches its load balancer may not change its data.

Anchors: AWS Well-Architected SEC03-BP01.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import mapping
from infra.resources.resource import Resource

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
NEEDED = ("AUTH_JWKS_URL", "AUTH_ISSUER", "AUTH_AUDIENCE")
OF_BUNDLED = "RATE_LIMIT_PER_SECOND"
"""A setting of the bundled service alone. Other services of a stack have a database too, and settings of their own."""


def check(resource: Resource) -> Iterator[str]:
    """Find settings of the bundled service, told by its database and rate limit, without those of authentication."""
    data = mapping(resource.properties.get("data"))
    missing = [name for name in NEEDED if data.get(name) in (None, "")]
    if OF_BUNDLED in data and ("DB_HOST" in data or "DATABASE_URL" in data) and missing:
        yield f"data has no {', '.join(missing)}, so the service accepts writes from everybody"


RULE = resource_rule(
    name="service-writes-authenticated",
    severity=Severity.HIGH,
    description="Writes to the service must need a bearer token.",
    remedy="set service.auth of the stack, or add an exemption with an owner and a last day",
    types=[CONFIG_MAP],
    check=check,
)
