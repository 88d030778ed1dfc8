"""Rule: a web ACL filters the requests to public load balancers and distributions.

Anchors: CKV2_AWS_28, CKV_AWS_68, AWS-0011, ELB.16, CloudFront.6.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.references import refers_to
from infra.policy.rule import stack_rule
from infra.resources.aws_types import LOAD_BALANCERS
from infra.resources.properties import UNKNOWN, unset
from infra.resources.resource import Resource

ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield distributions, and application load balancers on the internet, without a web ACL.

    If the stack has a distribution, its load balancers are not checked, because the distribution filters their
    requests.
    """
    associations = [each for each in resources if each.type == ASSOCIATION]
    distributions = [each for each in resources if each.type == DISTRIBUTION]
    for each in distributions:
        if unset(each.properties.get("webAclId")):
            yield each, "webAclId is not set"
    for balancer in resources:
        own = any(refers_to(each, "resourceArn", balancer, key="arn") for each in associations)
        if balancer.type in LOAD_BALANCERS and _public(balancer) and not own and not distributions:
            yield balancer, "no WebAclAssociation of this stack is for this load balancer"


def _public(balancer: Resource) -> bool:
    given = balancer.properties
    return (
        given.get("internal") not in (True, UNKNOWN) and given.get("loadBalancerType", "application") == "application"
    )


RULE = stack_rule(
    name="aws-waf-attached",
    severity=Severity.HIGH,
    description="A web ACL must filter requests from the internet.",
    remedy="add an aws.wafv2.WebAclAssociation, or set webAclId of the distribution",
    check=check,
)
