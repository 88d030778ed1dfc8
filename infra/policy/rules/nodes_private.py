"""Rule: nodes and instances have no public address, and nobody logs in by SSH.

Anchors: CIS-EKS 5.4.3, CKV_AWS_88, CKV_AWS_100, EC2.9, EC2.25.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, items, unset
from infra.resources.resource import Resource

GROUP = "aws:eks/nodeGroup:NodeGroup"
INSTANCE = "aws:ec2/instance:Instance"
CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
CLASS = "kubernetes:eks.amazonaws.com/v1:NodeClass"
ON = (True, "true")


def check(resource: Resource) -> Iterator[str]:
    """Yield public addresses and SSH keys."""
    given = resource.properties
    if resource.type == GROUP and _given(at(given, "remoteAccess.ec2SshKey")):
        yield "remoteAccess.ec2SshKey is set"
    if resource.type == CLASS and at(given, "spec.advancedNetworking.associatePublicIPAddress") is True:
        yield "spec.advancedNetworking.associatePublicIPAddress is true"
    if resource.type in (INSTANCE, CONFIGURATION, TEMPLATE) and _given(given.get("keyName")):
        yield "keyName is set"
    if resource.type in (INSTANCE, CONFIGURATION) and given.get("associatePublicIpAddress") is True:
        yield "associatePublicIpAddress is true"
    if resource.type == TEMPLATE:
        interfaces = items(given.get("networkInterfaces"))
        if any(at(each, "associatePublicIpAddress") in ON for each in interfaces):
            yield "networkInterfaces.associatePublicIpAddress is true"


def _given(key: object) -> bool:
    return key is not UNKNOWN and not unset(key)


RULE = resource_rule(
    name="aws-nodes-private",
    severity=Severity.HIGH,
    description="Nodes must have neither a public address nor an SSH key.",
    remedy="leave the address and the key out, and log in through Session Manager",
    types=[GROUP, INSTANCE, CONFIGURATION, TEMPLATE, CLASS],
    check=check,
)
