"""Rule: no access control list makes a bucket or an object public.

Anchors: AWS-0092, CKV_AWS_20, CKV_AWS_57, CKV2_AWS_65, S3.2, S3.3.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import at, items
from infra.resources.resource import Resource

OBJECTS = ("aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2")
TYPES = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:s3/bucketAcl:BucketAcl",
    "aws:s3/bucketAclV2:BucketAclV2",
    *OBJECTS,
)
PUBLIC = ("public-read", "public-read-write", "authenticated-read", "website")
GROUPS = ("/global/AllUsers", "/global/AuthenticatedUsers")


def check(resource: Resource) -> Iterator[str]:
    """Yield canned ACLs and grants for everybody, or for everybody with an AWS account."""
    given = resource.properties
    if given.get("acl") in PUBLIC:
        yield f"acl is {given['acl']}"
    grants = [*items(given.get("grants")), *items(at(given, "accessControlPolicy.grants"))]
    for uri in (at(grant, path) for grant in grants for path in ("uri", "grantee.uri")):
        if isinstance(uri, str) and uri.endswith(GROUPS):
            yield f"grants access to {uri.rpartition('/')[2]}"


RULE = resource_rule(
    name="aws-s3-no-public-acl",
    severity=Severity.CRITICAL,
    description="No ACL may make a bucket or an object public.",
    remedy="leave the ACL out, and grant access in a bucket policy",
    types=TYPES,
    check=check,
)
