"""Rule: a web ACL logs the requests that it blocks.

Anchors: CKV2_AWS_31, WAF.11.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.references import refers_to
from infra.policy.rule import stack_rule
from infra.resources.resource import Resource

ACL = "aws:wafv2/webAcl:WebAcl"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield web ACLs without a logging configuration."""
    logs = [each for each in resources if each.type == LOGGING]
    for acl in resources:
        if acl.type == ACL and not any(refers_to(each, "resourceArn", acl, key="arn") for each in logs):
            yield acl, "no WebAclLoggingConfiguration of this stack is for this web ACL"


RULE = stack_rule(
    name="aws-waf-logged",
    severity=Severity.MEDIUM,
    description="A web ACL must log requests.",
    remedy="add an aws.wafv2.WebAclLoggingConfiguration for the web ACL",
    check=check,
)
