"""aws-rds-storage-encrypted."""

from typing import Any

import pytest

from infra.policy.rules.rds_storage_encrypted import RULE
from tests.infra.policy.compliant import DATABASE
from tests.infra.policy.judge import ABSENT, Given, violations


def test_accepts_storage_under_a_key_of_ours() -> None:
    """Encrypted by a customer-managed key passes."""
    assert violations(RULE, DATABASE) == []


@pytest.mark.parametrize("value", [False, ABSENT])
def test_rejects_storage_in_the_clear(value: Any) -> None:
    """AWS does not encrypt where nothing is said."""
    [message] = violations(RULE, DATABASE.but("storageEncrypted", value))

    assert "storageEncrypted is not true" in message


def test_rejects_a_key_of_aws() -> None:
    """Nobody can withdraw its use."""
    [message] = violations(RULE, DATABASE.but("kmsKeyId", ABSENT))

    assert "kmsKeyId is not set" in message


def test_accepts_a_replica() -> None:
    """A replica is encrypted as its source is."""
    assert violations(RULE, Given(type=DATABASE.type, properties={"replicateSourceDb": "main"})) == []
