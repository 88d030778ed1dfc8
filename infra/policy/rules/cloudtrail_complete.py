"""Rule: a trail has the calls of all regions, validated and encrypted.

Anchors: AWS-0014, AWS-0015, AWS-0016, CKV_AWS_35, CKV_AWS_36, CKV_AWS_67, CIS-AWS 4.1, CIS-AWS 4.2, CIS-AWS 4.5.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, unset
from infra.resources.resource import Resource


def check(trail: Resource) -> Iterator[str]:
    """Yield settings by which calls are not recorded, or records can be changed unnoticed."""
    given = trail.properties
    for switch in ("isMultiRegionTrail", "enableLogFileValidation"):
        if given.get(switch) not in (True, UNKNOWN):
            yield f"{switch} is not true"
    if given.get("enableLogging") is False:
        yield "enableLogging is false"
    if unset(given.get("kmsKeyId")):
        yield "kmsKeyId is not set"


RULE = resource_rule(
    name="aws-cloudtrail-complete",
    severity=Severity.HIGH,
    description="A trail must record all regions, validate its log files and encrypt them.",
    remedy="set isMultiRegionTrail and enableLogFileValidation to true, and kmsKeyId",
    types=["aws:cloudtrail/trail:Trail"],
    check=check,
)
