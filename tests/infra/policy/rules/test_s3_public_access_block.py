"""aws-s3-public-access-block."""

import pytest

from infra.policy.rules.s3_public_access_block import RULE
from tests.infra.policy.compliant import BUCKET, BUCKET_BLOCK
from tests.infra.policy.judge import ABSENT, Given, violations


def test_accepts_a_bucket_with_a_block_by_name() -> None:
    """The block names the bucket."""
    assert violations(RULE, BUCKET, BUCKET_BLOCK) == []


def test_accepts_a_bucket_with_a_block_by_dependency() -> None:
    """Before the bucket is created its name is unknown, and only the dependency connects them."""
    new = BUCKET.but("bucket", ABSENT)
    block = BUCKET_BLOCK.unknown_at("bucket")
    block = Given(type=block.type, name=block.name, properties=block.properties, depends={"bucket": new.name})

    assert violations(RULE, new, block) == []


def test_rejects_a_bucket_without_block() -> None:
    """The message names the bucket."""
    [message] = violations(RULE, BUCKET)

    assert message.startswith("logs (aws:s3/bucket:Bucket): no BucketPublicAccessBlock")


def test_rejects_a_bucket_whose_block_is_for_another() -> None:
    """A block for another bucket of the stack is not enough."""
    assert len(violations(RULE, BUCKET, BUCKET_BLOCK.but("bucket", "other"))) == 1


@pytest.mark.parametrize(
    "switch", ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"]
)
def test_rejects_an_incomplete_block(switch: str) -> None:
    """Each of the four switches has to be on."""
    [message] = violations(RULE, BUCKET, BUCKET_BLOCK.but(switch, False))

    assert f"{switch} not true" in message
