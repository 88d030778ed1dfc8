"""Rule: disks are encrypted.

Anchors: AWS-0026, AWS-0131, CKV_AWS_3, CKV_AWS_8, CKV_AWS_106, CIS-AWS 6.1.1, EC2.3.
"""

from collections.abc import Callable, Iterator, Mapping

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, items, unset
from infra.resources.resource import Properties, Resource

PROVISIONERS = ("ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs")
ON = (True, "true", UNKNOWN)


def check(resource: Resource) -> Iterator[str]:
    """Yield disks that are not encrypted, of an instance, a template or a storage class too."""
    return DISKS[resource.type](resource.properties)


def _volume(given: Properties) -> Iterator[str]:
    if _plain(given):
        yield "encrypted is not true"


def _storage_class(given: Properties) -> Iterator[str]:
    if given.get("provisioner") in PROVISIONERS and at(given, "parameters.encrypted") not in ON:
        yield "parameters.encrypted is not true"


def _template(given: Properties) -> Iterator[str]:
    for device in items(given.get("blockDeviceMappings")):
        ebs = at(device, "ebs")
        if not unset(ebs) and _plain(ebs):
            yield f"blockDeviceMappings {at(device, 'deviceName')}: ebs.encrypted is not true"


def _instance(given: Properties) -> Iterator[str]:
    root = given.get("rootBlockDevice")
    if at(root, "encrypted") not in ON:
        yield "rootBlockDevice.encrypted is not true"
    for device in items(given.get("ebsBlockDevices")):
        if _plain(device):
            yield f"ebsBlockDevices {at(device, 'deviceName')}: encrypted is not true"


def _plain(disk: object) -> bool:
    """Return whether a disk is not encrypted, unless it is a copy of a snapshot, whose encryption it has."""
    return at(disk, "encrypted") not in ON and unset(at(disk, "snapshotId"))


DISKS: Mapping[str, Callable[[Properties], Iterator[str]]] = {
    "aws:ebs/volume:Volume": _volume,
    "aws:ec2/instance:Instance": _instance,
    "aws:ec2/launchConfiguration:LaunchConfiguration": _instance,
    "aws:ec2/launchTemplate:LaunchTemplate": _template,
    "kubernetes:storage.k8s.io/v1:StorageClass": _storage_class,
}

RULE = resource_rule(
    name="aws-ebs-encrypted",
    severity=Severity.HIGH,
    description="Disks must be encrypted.",
    remedy="set encrypted to true, and kmsKeyId to a customer managed key",
    types=list(DISKS),
    check=check,
)
