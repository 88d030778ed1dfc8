"""Rule: an application load balancer drops invalid headers and ambiguous requests.

Anchors: AWS-0052, CKV_AWS_131, CKV_AWS_328, ELB.4, ELB.12.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.aws_types import LOAD_BALANCERS
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource


def check(balancer: Resource) -> Iterator[str]:
    """Yield a finding for settings that allow request smuggling; network load balancers read no requests."""
    given = balancer.properties
    if given.get("loadBalancerType", "application") != "application":
        return
    if given.get("dropInvalidHeaderFields") not in (True, UNKNOWN):
        yield "dropInvalidHeaderFields is not true"
    if given.get("desyncMitigationMode") == "monitor":
        yield "desyncMitigationMode is monitor"


RULE = resource_rule(
    name="aws-lb-hardened",
    severity=Severity.MEDIUM,
    description="A load balancer must drop invalid headers and requests that servers may read differently.",
    remedy="set dropInvalidHeaderFields to true and leave desyncMitigationMode at defensive, or set it to strictest",
    types=LOAD_BALANCERS,
    check=check,
)
