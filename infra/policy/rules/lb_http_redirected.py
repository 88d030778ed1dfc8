"""Rule: a listener without TLS of a public load balancer only redirects to HTTPS.

Anchors: AWS-0054, CKV_AWS_2, CKV2_AWS_20, ELB.1.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.references import refers_to
from infra.policy.rule import stack_rule
from infra.resources.aws_types import LISTENERS, LOAD_BALANCERS
from infra.resources.properties import UNKNOWN, at, items
from infra.resources.resource import Resource


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield HTTP listeners of public load balancers that neither redirect to HTTPS nor return a fixed response."""
    balancers = [each for each in resources if each.type in LOAD_BALANCERS]
    internal = [each for each in balancers if each.properties.get("internal") in (True, UNKNOWN)]
    for listener in resources:
        if listener.type not in LISTENERS or listener.properties.get("protocol", "HTTP") != "HTTP":
            continue
        if listener.properties.get("port") in (443, "443", UNKNOWN):
            continue  # without a protocol, AWS takes HTTPS for port 443
        if any(refers_to(listener, "loadBalancerArn", each, key="arn") for each in internal):
            continue
        if not all(map(_harmless, items(listener.properties.get("defaultActions")))):
            yield listener, "protocol is HTTP, and defaultActions is neither a redirect to HTTPS nor a fixed response"


def _harmless(action: object) -> bool:
    if at(action, "type") in ("fixed-response", UNKNOWN):
        return True
    return at(action, "redirect.protocol") in ("HTTPS", UNKNOWN)


RULE = stack_rule(
    name="aws-lb-http-redirected",
    severity=Severity.HIGH,
    description="A listener without TLS must redirect to HTTPS.",
    remedy="set defaultActions to a redirect with protocol HTTPS",
    check=check,
)
