"""A load balancer speaks TLS 1.2 or later.

Anchors: AWS-0047, CKV_AWS_103.
"""

import re
from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource

# AWS's policies whose oldest protocol is TLS 1.2:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
CURRENT = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)(-|$)")
SECURE = ("HTTPS", "TLS")


def check(listener: Resource) -> Iterator[str]:
    """Find a listener with an older policy; where nothing is said, AWS takes one with TLS 1.0."""
    if listener.properties.get("protocol") not in SECURE:
        return
    policy = listener.properties.get("sslPolicy", "")
    if policy is not UNKNOWN and not CURRENT.match(str(policy)):
        yield f"sslPolicy is {policy}" if policy else "sslPolicy is left out, which means ELBSecurityPolicy-2016-08"


RULE = resource_rule(
    name="aws-lb-current-tls",
    severity=Severity.HIGH,
    description="A load balancer must speak TLS 1.2 or later only.",
    remedy="set sslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    types=["aws:lb/listener:Listener", "aws:alb/listener:Listener"],
    check=check,
)
