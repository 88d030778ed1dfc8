"""Rule: there are no IAM users, passwords or access keys, which never expire.

Anchors: CKV_AWS_273, CIS-AWS 2.12, CIS-AWS 2.19, IAM.22, IAM.2.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.resource import Resource


def check(resource: Resource) -> Iterator[str]:
    """Yield users, their passwords and their access keys."""
    yield f"creates {_KINDS[resource.type.rpartition(':')[2]]} that never expires"


_KINDS = {"AccessKey": "an access key", "User": "a user", "UserLoginProfile": "a password"}


RULE = resource_rule(
    name="aws-iam-no-users",
    severity=Severity.HIGH,
    description="People and programs must not use IAM users, passwords or access keys.",
    remedy="let people sign in through IAM Identity Center, and programs assume roles",
    types=["aws:iam/accessKey:AccessKey", "aws:iam/user:User", "aws:iam/userLoginProfile:UserLoginProfile"],
    check=check,
)
