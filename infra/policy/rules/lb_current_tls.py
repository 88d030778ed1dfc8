"""Rule: load balancers and CloudFront distributions use TLS 1.2 or later.

Anchors: AWS-0047, CKV_AWS_103, AWS-0012, AWS-0013, CKV_AWS_34, CKV_AWS_174, CIS-EKS 5.4.5.
"""

import re
from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.reach.fronts import DISTRIBUTION
from infra.resources.aws_types import LISTENERS
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource

# The AWS security policies with TLS 1.2 as the minimum version:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
CURRENT = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)(-|$)")
SECURE = ("HTTPS", "TLS")
# The same for CloudFront:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
CURRENT_VIEWERS = re.compile(r"TLSv1\.[23]_20[0-9]{2}")
ENCRYPTED = ("redirect-to-https", "https-only")


def check(resource: Resource) -> Iterator[str]:
    """Yield outdated security policies, and distributions that serve HTTP or connect to their origin without TLS."""
    yield from distribution_problems(resource) if resource.type == DISTRIBUTION else listener_problems(resource)


def distribution_problems(distribution: Resource) -> Iterator[str]:
    """Yield settings of a distribution that permit unencrypted or outdated connections, to clients or to the origin."""
    given = distribution.properties
    oldest = mapping(given.get("viewerCertificate")).get("minimumProtocolVersion", "TLSv1")
    if UNKNOWN not in (given.get("viewerCertificate"), oldest) and not CURRENT_VIEWERS.fullmatch(str(oldest)):
        yield f"viewerCertificate.minimumProtocolVersion is {oldest}"
    behaviors = [given.get("defaultCacheBehavior"), *items(given.get("orderedCacheBehaviors"))]
    for policy in (mapping(each).get("viewerProtocolPolicy") for each in behaviors if each is not UNKNOWN):
        if policy is not UNKNOWN and policy not in ENCRYPTED:
            yield f"viewerProtocolPolicy is {policy}"
    for origin in map(mapping, items(given.get("origins"))):
        config = mapping(origin.get("customOriginConfig"))
        if config and config.get("originProtocolPolicy") not in ("https-only", UNKNOWN):
            yield f"originProtocolPolicy is {config.get('originProtocolPolicy')}"


def listener_problems(listener: Resource) -> Iterator[str]:
    """Yield a finding for a listener with an outdated policy; the default policy of AWS permits TLS 1.0."""
    if listener.properties.get("protocol") not in SECURE:
        return
    policy = listener.properties.get("sslPolicy", "")
    if policy is not UNKNOWN and not CURRENT.match(str(policy)):
        yield f"sslPolicy is {policy}" if policy else "sslPolicy is left out, which means ELBSecurityPolicy-2016-08"


RULE = resource_rule(
    name="aws-lb-current-tls",
    severity=Severity.HIGH,
    description="A load balancer or a CloudFront distribution must only accept TLS 1.2 or later.",
    remedy=(
        "set sslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09; of a distribution minimumProtocolVersion to "
        "TLSv1.2_2021, viewerProtocolPolicy to redirect-to-https and originProtocolPolicy to https-only"
    ),
    types=[*LISTENERS, DISTRIBUTION],
    check=check,
)
