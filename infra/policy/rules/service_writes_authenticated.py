"""Rule: the service requires a bearer token for writes, so that access to its load balancer is not sufficient.

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
"""A setting that identifies the bundled service; other services of a stack may have a database with other settings."""


def check(resource: Resource) -> Iterator[str]:
    """Yield a finding if the settings of the bundled service have a database but no authentication."""
    data = mapping(resource.properties.get("data"))
    missing = [name for name in NEEDED if data.get(name) in (None, "")]
    if OF_BUNDLED in data and ("DB_HOST" in data or "DATABASE_URL" in data) and missing:
        yield f"data has no {', '.join(missing)}, so the service accepts writes from everybody"


RULE = resource_rule(
    name="service-writes-authenticated",
    severity=Severity.HIGH,
    description="Writes to the service must require a bearer token.",
    remedy="set service.auth of the stack, or add an exemption with an owner and a last day",
    types=[CONFIG_MAP],
    check=check,
)
