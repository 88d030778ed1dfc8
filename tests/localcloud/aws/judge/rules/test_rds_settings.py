"""Rules of RDS for backups, maintenance and monitoring: cases beyond the corpus, limits, and unknown values."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

BASE = {"Engine": "postgres", "EngineVersion": "17.6", "AllocatedStorage": 100, "StorageType": "gp3"}
VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"
INSIGHTS = {"EnablePerformanceInsights": True}
CREATIONS: list[tuple[dict[str, Any], str]] = [
    ({"BackupRetentionPeriod": 0}, ""),
    ({"BackupRetentionPeriod": -1}, VALUE),
    ({"BackupRetentionPeriod": 35}, ""),
    ({"BackupRetentionPeriod": 36}, VALUE),
    ({"PreferredBackupWindow": "23:45-00:15"}, ""),
    ({"PreferredBackupWindow": "23:45-00:14"}, VALUE),
    ({"PreferredBackupWindow": "24:00-24:30"}, VALUE),
    ({"PreferredBackupWindow": "3:00-4:00"}, VALUE),
    ({"PreferredBackupWindow": UNKNOWN}, ""),
    ({"PreferredMaintenanceWindow": "Sun:23:45-Mon:00:15"}, ""),
    ({"PreferredMaintenanceWindow": "sun:23:45-mon:00:14"}, VALUE),
    ({"PreferredMaintenanceWindow": "sun:23:45"}, VALUE),
    ({"PreferredBackupWindow": "03:00-04:00", "PreferredMaintenanceWindow": "mon:04:00-mon:05:00"}, ""),
    ({"PreferredBackupWindow": "03:00-04:00", "PreferredMaintenanceWindow": "mon:03:59-mon:05:00"}, VALUE),
    ({"PreferredBackupWindow": "23:30-00:30", "PreferredMaintenanceWindow": "mon:00:00-mon:01:00"}, VALUE),
    ({**INSIGHTS, "PerformanceInsightsRetentionPeriod": 731}, ""),
    ({**INSIGHTS, "PerformanceInsightsRetentionPeriod": 713}, ""),
    ({**INSIGHTS, "PerformanceInsightsRetentionPeriod": 744}, VALUE),
    ({"PerformanceInsightsRetentionPeriod": 31}, COMBINATION),
    ({"PerformanceInsightsKMSKeyId": UNKNOWN}, COMBINATION),
    ({"EnablePerformanceInsights": UNKNOWN, "PerformanceInsightsRetentionPeriod": 31}, ""),
    ({"EnablePerformanceInsights": True, "DBInstanceClass": "db.t4g.micro"}, ""),
    ({"MonitoringInterval": 0}, ""),
    ({"MonitoringInterval": 60, "MonitoringRoleArn": UNKNOWN}, ""),
    ({"EnableCloudwatchLogsExports": ["postgresql", "upgrade", "iam-db-auth-error"]}, ""),
    ({"EnableCloudwatchLogsExports": ["postgresql", "error"]}, COMBINATION),
    ({"EnableCloudwatchLogsExports": UNKNOWN}, ""),
    ({"CACertificateIdentifier": "rds-ca-2019"}, "CertificateNotFound"),
    ({"LicenseModel": "postgresql-license"}, ""),
    ({"LicenseModel": "license-included"}, COMBINATION),
    ({"Engine": "mysql", "EngineVersion": "8.4", "LicenseModel": "general-public-license"}, ""),
    ({"LicenseModel": UNKNOWN}, ""),
    ({"CharacterSetName": "UTF8"}, COMBINATION),
    ({"Timezone": "UTC"}, COMBINATION),
    ({"Engine": "sqlserver-ee", "EngineVersion": None, "Timezone": "UTC"}, ""),
    ({"PromotionTier": 0}, COMBINATION),
]


@pytest.mark.parametrize(("change", "code"), CREATIONS, ids=str)
def test_validates_the_settings_of_an_instance(change: dict[str, Any], code: str) -> None:
    """Values are at the limit, and one beyond it."""
    assert verdict("rds", "CreateDBInstance", {**BASE, **change}) == code


WEEK = timedelta(days=7)
minutes = st.integers(0, 7 * 24 * 60 - 1).map(lambda count: timedelta(minutes=count))


@settings(deadline=None, max_examples=100)
@given(minutes, st.integers(30, 24 * 60 - 1), st.integers(0, 24 * 60 - 1), st.integers(30, 24 * 60 - 1))
def test_refuses_overlapping_windows(start: timedelta, upkeep: int, backup: int, length: int) -> None:
    """Windows that share no minute are accepted; the test counts minutes."""
    kept = {(int(start.total_seconds() // 60) + minute) % (24 * 60) for minute in range(upkeep)}
    backed_up = {(backup + minute) % (24 * 60) for minute in range(length)}
    windows = {
        "PreferredMaintenanceWindow": f"{day(start)}-{day(start + timedelta(minutes=upkeep))}",
        "PreferredBackupWindow": f"{clock(backup)}-{clock(backup + length)}",
    }

    assert verdict("rds", "CreateDBInstance", {**BASE, **windows}) == (VALUE if kept & backed_up else "")


def clock(count: int) -> str:
    return f"{count // 60 % 24:02}:{count % 60:02}"


def day(since: timedelta) -> str:
    count = int(since.total_seconds() // 60)
    return f"{('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')[count // 1440 % 7]}:{clock(count)}"


INSTANCE = {
    **BASE,
    "DBInstanceClass": "db.t4g.medium",
    "PreferredBackupWindow": "03:00-04:00",
    "PreferredMaintenanceWindow": "mon:05:00-mon:06:00",
}
CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"PreferredBackupWindow": "05:30-06:30"}, VALUE),
    ({"PreferredMaintenanceWindow": "tue:02:00-tue:03:00"}, ""),
    ({"PreferredMaintenanceWindow": "tue:02:00-tue:03:01"}, VALUE),
    ({"BackupRetentionPeriod": 36}, VALUE),
    ({"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["slowquery"]}}, COMBINATION),
    ({"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["upgrade"], "DisableLogTypes": ["postgresql"]}}, ""),
]


@pytest.mark.parametrize(("change", "code"), CHANGES, ids=str)
def test_validates_a_change_of_settings(change: dict[str, Any], code: str) -> None:
    """Unchanged settings are taken into account."""
    request = {"DBInstanceIdentifier": "db", **change}

    assert verdict("rds", "ModifyDBInstance", request, lambda *_, **__: {"DBInstances": [INSTANCE]}) == code
