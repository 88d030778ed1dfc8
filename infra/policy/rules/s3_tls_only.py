"""Rule: a bucket refuses requests without TLS.

Anchors: CKV_AWS_379, CIS-AWS 3.1.1, S3.5.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.callers import anyone
from infra.policy.documents import Statement, conditions, covers, denying
from infra.policy.references import refers_to
from infra.policy.rule import stack_rule
from infra.resources.aws_types import BUCKETS
from infra.resources.properties import is_known
from infra.resources.resource import Resource

POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket")


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield buckets whose policy does not refuse plain HTTP; an unknown policy may."""
    policies = [each for each in resources if each.type == POLICY]
    for bucket in resources:
        if bucket.type in BUCKETS:
            own = [each.properties.get("policy") for each in policies if refers_to(each, "bucket", bucket)]
            if not any(not is_known(policy) or _refuses(policy) for policy in [*own, bucket.properties.get("policy")]):
                yield bucket, "no policy refuses requests without TLS"


def _refuses(policy: object) -> bool:
    return all(any(_denies(each, action) for each in denying(policy)) for action in ACTIONS)


def _denies(statement: Statement, action: str) -> bool:
    """Return whether a statement denies an action to everybody, on the bucket or its objects, without TLS."""
    given = list(conditions(statement))
    return (
        anyone(statement)
        and covers(statement, action)
        and len(given) == 1
        and given[0][0] in ("Bool", "BoolIfExists")
        and given[0][1].lower() == "aws:securetransport"
        and "false" in [each.lower() for each in given[0][2]]
    )


RULE = stack_rule(
    name="aws-s3-tls-only",
    severity=Severity.MEDIUM,
    description="Every bucket must refuse requests without TLS.",
    remedy="add a BucketPolicy that denies s3:* for everybody if aws:SecureTransport is false",
    check=check,
)
