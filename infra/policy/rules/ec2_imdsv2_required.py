"""Rule: the metadata service of an instance requires a token, which other machines and pods cannot get.

Anchors: AWS-0028, AWS-0130, CKV_AWS_79, CKV_AWS_341, CIS-AWS 6.7, EC2.8.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, is_number
from infra.resources.resource import Resource


def check(resource: Resource) -> Iterator[str]:
    """Yield a finding if requests without a token are answered, or if answers reach pods behind the instance."""
    options = resource.properties.get("metadataOptions")
    if at(options, "httpEndpoint") in ("disabled", UNKNOWN):
        return
    if at(options, "httpTokens") not in ("required", UNKNOWN):
        yield "metadataOptions.httpTokens is not required"
    hops = at(options, "httpPutResponseHopLimit")
    if is_number(hops) and hops > 1:
        yield f"metadataOptions.httpPutResponseHopLimit is {hops:g}, so pods get the credentials of the node"


RULE = resource_rule(
    name="aws-ec2-imdsv2-required",
    severity=Severity.HIGH,
    description="The metadata service of instances must require tokens.",
    remedy="set metadataOptions.httpTokens to required and httpPutResponseHopLimit to 1",
    types=[
        "aws:ec2/instance:Instance",
        "aws:ec2/launchConfiguration:LaunchConfiguration",
        "aws:ec2/launchTemplate:LaunchTemplate",
    ],
    check=check,
)
