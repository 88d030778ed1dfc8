"""ARNs in settings, and names that people take for ARNs."""

import re

from stacks.settings.regions import PARTITION

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html
CERTIFICATE = rf"^arn:aws:acm:[a-z0-9-]+:[0-9]{{12}}:certificate/{_UUID}$"
POLICY = r"^([A-Za-z0-9+=,.@_-]{1,64}/){0,8}[A-Za-z0-9+=,.@_-]{1,128}$"
_POLICY_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:policy/(.+)")
_EXAMPLE = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


def certificate_arn(arn: str) -> str:
    """Check the ARN of a certificate. Raises ValueError."""
    if not re.fullmatch(CERTIFICATE.strip("^$"), arn):
        partition = arn.split(":")[1] if arn.startswith("arn:") and arn.count(":") >= 5 else PARTITION
        if partition != PARTITION:
            raise ValueError(
                f"the ARN of a certificate in the partition {PARTITION}, like the regions that are accepted, "
                f"and not in {partition}"
            )
        raise ValueError(f"the ARN of a certificate in ACM, such as {_EXAMPLE}")
    return arn


def policy_name(name: str) -> str:
    """Check the name of an IAM policy. Raises ValueError."""
    if not re.fullmatch(POLICY.strip("^$"), name):
        if found := _POLICY_ARN.fullmatch(name):
            raise ValueError(f"the name of an IAM policy instead of its ARN: write {found[1]}")
        raise ValueError("the name of an IAM policy, with its path if it has one, such as drydock-prod-boundary")
    return name
