"""Rules of RDS for storage and its keys: values at each limit, and one beyond it."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

BASE = {"Engine": "postgres", "EngineVersion": "17.6", "AllocatedStorage": 100, "StorageType": "gp3"}
STRIPED = {**BASE, "AllocatedStorage": 400}
COMBINATION, NO_KEY = "InvalidParameterCombination", "KMSKeyNotAccessibleFault"
CREATIONS: list[tuple[dict[str, Any], str]] = [
    ({"AllocatedStorage": 20}, ""),
    ({"AllocatedStorage": 19}, COMBINATION),
    ({"AllocatedStorage": 65536}, ""),
    ({"AllocatedStorage": 65537}, COMBINATION),
    ({"AllocatedStorage": UNKNOWN}, ""),
    ({"StorageType": "standard", "AllocatedStorage": 5}, COMBINATION),
    ({"StorageType": "io1", "Iops": 1000}, ""),
    ({"StorageType": "io1"}, COMBINATION),
    ({"StorageType": "io2"}, COMBINATION),
    ({"StorageType": "io2", "Iops": UNKNOWN}, ""),
    ({"StorageType": "io1", "Iops": 5001}, COMBINATION),
    ({"StorageType": "io1", "Iops": 1000, "AllocatedStorage": 99}, COMBINATION),
    ({"StorageType": "gp2", "StorageThroughput": 125}, COMBINATION),
    ({"StorageType": UNKNOWN, "StorageThroughput": 125}, ""),
    ({"AllocatedStorage": 399, "Iops": 12000}, COMBINATION),
    ({"AllocatedStorage": 399, "StorageThroughput": 500}, COMBINATION),
    ({"MaxAllocatedStorage": 110}, ""),
    ({"MaxAllocatedStorage": 109}, COMBINATION),
    ({"AllocatedStorage": 20, "MaxAllocatedStorage": 22}, ""),
    ({"AllocatedStorage": 21, "MaxAllocatedStorage": 23}, COMBINATION),
    ({"MaxAllocatedStorage": 100}, COMBINATION),
    ({"KmsKeyId": UNKNOWN}, COMBINATION),
    ({"KmsKeyId": UNKNOWN, "StorageEncrypted": UNKNOWN}, ""),
]


@pytest.mark.parametrize(("change", "code"), CREATIONS, ids=str)
def test_validates_the_storage_of_an_instance(change: dict[str, Any], code: str) -> None:
    assert verdict("rds", "CreateDBInstance", {**BASE, **change}) == code


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 70_000), st.integers(1, 5_000))
@example(12_000, 3_000)
@example(12_000, 3_001)
@example(64_000, 4_000)
@example(64_001, 500)
@example(11_999, 499)
def test_validates_the_performance_of_striped_storage(iops: int, throughput: int) -> None:
    """The limits are 12000 to 64000 IOPS, 500 to 4000 MiB/s, and at least four IOPS for each MiB/s."""
    enough, fast = 12_000 <= iops <= 64_000, 500 <= throughput <= 4_000
    together = {"Iops": iops, "StorageThroughput": throughput}

    assert verdict("rds", "CreateDBInstance", {**STRIPED, "Iops": iops}) == ("" if enough else COMBINATION)
    assert verdict("rds", "CreateDBInstance", {**STRIPED, "StorageThroughput": throughput}) == (
        "" if fast else COMBINATION
    )
    assert verdict("rds", "CreateDBInstance", {**STRIPED, **together}) == (
        "" if enough and fast and 4 * throughput <= iops else COMBINATION
    )


KEYS = [
    ({"KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT"}, ""),
    ({"KeyState": "Disabled", "KeySpec": "SYMMETRIC_DEFAULT"}, NO_KEY),
    ({"KeyState": "PendingDeletion", "KeySpec": "SYMMETRIC_DEFAULT"}, NO_KEY),
    ({"KeyState": "Enabled", "KeySpec": "RSA_2048"}, NO_KEY),
    (None, NO_KEY),
]


@pytest.mark.parametrize(("key", "code"), KEYS, ids=str)
@pytest.mark.parametrize("name", ["KmsKeyId", "PerformanceInsightsKMSKeyId", "MasterUserSecretKmsKeyId"])
def test_validates_the_key_of_the_storage(name: str, key: dict[str, str] | None, code: str) -> None:
    """It exists, is enabled, and is an encryption key."""
    enabled = dict.fromkeys(("StorageEncrypted", "EnablePerformanceInsights", "ManageMasterUserPassword"), True)
    request = {**BASE, **enabled, name: "alias/key"}

    def ask(service: str, _operation: str, **_: Any) -> dict[str, Any]:
        zones = {"AvailabilityZones": [{"RegionName": "eu-central-1"}]}
        return {"KeyMetadata": key} if service == "kms" else zones

    assert verdict("rds", "CreateDBInstance", request, ask) == code


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"AllocatedStorage": 101}, ""),
    ({"AllocatedStorage": 99}, COMBINATION),
    ({"MaxAllocatedStorage": 109}, COMBINATION),
    ({"MaxAllocatedStorage": 110}, ""),
    ({"AllocatedStorage": 200, "MaxAllocatedStorage": 210}, COMBINATION),
    ({"Iops": 12000}, COMBINATION),
    ({"AllocatedStorage": 400, "Iops": 12000}, ""),
    ({"AllocatedStorage": 400, "Iops": 4000}, COMBINATION),
    ({"StorageType": "standard"}, ""),
]


@pytest.mark.parametrize(("change", "code"), CHANGES, ids=str)
def test_validates_a_change_of_storage(change: dict[str, Any], code: str) -> None:
    """Unchanged values are taken into account. RDS also reports IOPS that it set itself."""
    found = {**BASE, "DBInstanceClass": "db.t4g.medium", "Iops": 3000}
    request = {"DBInstanceIdentifier": "db", **change}

    assert verdict("rds", "ModifyDBInstance", request, lambda *_, **__: {"DBInstances": [found]}) == code
