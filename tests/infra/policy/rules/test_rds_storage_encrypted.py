"""aws-rds-storage-encrypted."""

from typing import Any

import pytest

from infra.policy.rules.rds_storage_encrypted import RULE
from tests.infra.policy.compliant import DATABASE
from tests.infra.policy.judge import ABSENT, Given, violations


def test_accepts_storage_with_a_customer_managed_key() -> None:
    """Storage that is encrypted with such a key is accepted."""
    assert violations(RULE, DATABASE) == []


@pytest.mark.parametrize("value", [False, ABSENT])
def test_rejects_unencrypted_storage(value: Any) -> None:
    """Without the property, AWS does not encrypt the storage."""
    [message] = violations(RULE, DATABASE.but("storageEncrypted", value))

    assert "storageEncrypted is not true" in message


def test_rejects_an_aws_managed_key() -> None:
    """The use of an AWS managed key cannot be revoked."""
    [message] = violations(RULE, DATABASE.but("kmsKeyId", ABSENT))

    assert "kmsKeyId is not set" in message


def test_accepts_a_replica() -> None:
    """A replica is encrypted like its source."""
    assert violations(RULE, Given(type=DATABASE.type, properties={"replicateSourceDb": "main"})) == []
