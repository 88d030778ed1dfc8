"""Rule: disks are encrypted.

Anchors: AWS-0026, AWS-0131, CKV_AWS_3, CKV_AWS_8, CKV_AWS_106, CIS-AWS 6.1.1, EC2.3.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, items, unset
from infra.resources.resource import Resource

VOLUME = "aws:ebs/volume:Volume"
INSTANCES = ("aws:ec2/instance:Instance", "aws:ec2/launchConfiguration:LaunchConfiguration")
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
PROVISIONERS = ("ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs")
ON = (True, "true", UNKNOWN)


def check(resource: Resource) -> Iterator[str]:
    """Yield disks that are not encrypted, of an instance, a template or a storage class too."""
    given = resource.properties
    if resource.type == VOLUME and given.get("encrypted") not in ON and unset(given.get("snapshotId")):
        yield "encrypted is not true"
    of_disks = resource.type == STORAGE_CLASS and given.get("provisioner") in PROVISIONERS
    if of_disks and at(given, "parameters.encrypted") not in ON:
        yield "parameters.encrypted is not true"
    if resource.type == TEMPLATE:
        for mapping_ in items(given.get("blockDeviceMappings")):
            ebs = at(mapping_, "ebs")
            if isinstance(ebs, dict) and ebs and ebs.get("encrypted") not in ON and unset(ebs.get("snapshotId")):
                yield f"blockDeviceMappings {at(mapping_, 'deviceName')}: ebs.encrypted is not true"
    if resource.type in INSTANCES:
        root = given.get("rootBlockDevice")
        if root is not UNKNOWN and at(root, "encrypted") not in ON:
            yield "rootBlockDevice.encrypted is not true"
        for device in items(given.get("ebsBlockDevices")):
            if at(device, "encrypted") not in ON and unset(at(device, "snapshotId")):
                yield f"ebsBlockDevices {at(device, 'deviceName')}: encrypted is not true"


RULE = resource_rule(
    name="aws-ebs-encrypted",
    severity=Severity.HIGH,
    description="Disks must be encrypted.",
    remedy="set encrypted to true, and kmsKeyId to a customer managed key",
    types=[VOLUME, *INSTANCES, TEMPLATE, STORAGE_CLASS],
    check=check,
)
