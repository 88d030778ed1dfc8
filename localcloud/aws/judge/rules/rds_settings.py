"""Rules of RDS about the operation of an instance: backups, windows, monitoring, logs and certificates."""

import re
from collections.abc import Iterator

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rds_state import combination, invalid, of_instance
from localcloud.aws.judge.rules.rule import Parameters, RequestRules, StateRules

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/rds/pf-rds"
_CREATE = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"
_CERTIFICATES = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html"
_INSIGHTS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.Engines.html"
_LOGS = {
    "postgres": ("postgresql", "upgrade", "iam-db-auth-error"),
    "mysql": ("audit", "error", "general", "slowquery", "iam-db-auth-error"),
    "mariadb": ("audit", "error", "general", "slowquery", "iam-db-auth-error"),
    "sqlserver": ("agent", "error"),
    "oracle": ("alert", "audit", "listener", "trace", "oemagent"),
    "db2": ("diag.log", "notify.log", "iam-db-auth-error"),
}
_AUTHORITIES = ("rds-ca-ecc384-g1", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1")
_INSIGHTS_DAYS = (7, *(31 * months for months in range(1, 24)), 731)
_MONITORING_SECONDS = (0, 1, 5, 10, 15, 30, 60)
_LICENSES = {
    "postgres": "postgresql-license",
    "mysql": "general-public-license",
    "mariadb": "general-public-license",
}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 24 * 60
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"


def _retention(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a backup retention of 0 to 35 days."""
    days = parameters.get("BackupRetentionPeriod")
    if isinstance(days, int) and not 0 <= days <= 35:
        words = f"Invalid backup retention period: {days}. Retention period must be between 0 and 35."
        yield invalid("BackupRetentionPeriod", days, words, f"{_MEASURED}-backup-retention-range")


def _backup_window(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a backup window of at least 30 minutes."""
    text = parameters.get("PreferredBackupWindow")
    if isinstance(text, str) and known(text) and (reason := _backup_window_reason(text)):
        yield invalid("PreferredBackupWindow", text, reason, _CREATE)


def _backup_window_reason(text: str) -> str:
    window = _minutes(text, rf"{_TIME}-{_TIME}")
    if window is None:
        return (
            f"Invalid backup window format: {text}. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC). "
            "Example: 03:15-08:15"
        )
    start, end = window
    return "Backup window must be at least 30 minutes." if (end - start) % _DAY_MINUTES < 30 else ""


def _maintenance_window(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a maintenance window of 30 minutes to 24 hours."""
    text = parameters.get("PreferredMaintenanceWindow")
    if not isinstance(text, str) or not known(text):
        return
    window = _minutes(text.lower(), rf"({'|'.join(_DAYS)}):{_TIME}-({'|'.join(_DAYS)}):{_TIME}")
    reason = ""
    if window is None:
        reason = (
            f"Invalid maintenance window format: {text}. Should be specified as a range "
            "ddd:hh24:mi-ddd:hh24:mi (24H Clock UTC). Example: Sun:23:45-Mon:00:15"
        )
    elif not 30 <= (window[1] - window[0]) % (7 * _DAY_MINUTES) <= _DAY_MINUTES:
        reason = "Maintenance window must be at least 30 minutes and less than 24 hours."
    if reason:
        yield invalid("PreferredMaintenanceWindow", text, reason, _CREATE)


def _windows_apart(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a backup window that overlaps the maintenance window."""
    names = ("PreferredBackupWindow", "PreferredMaintenanceWindow")
    daily, weekly = (str(parameters.get(name) or "") for name in names)
    backup = _minutes(daily, rf"{_TIME}-{_TIME}")
    maintenance = _minutes(weekly.lower(), rf"({'|'.join(_DAYS)}):{_TIME}-({'|'.join(_DAYS)}):{_TIME}")
    if backup is None or maintenance is None:
        return
    length = (backup[1] - backup[0]) % _DAY_MINUTES
    start, upkeep = maintenance[0] % _DAY_MINUTES, (maintenance[1] - maintenance[0]) % (7 * _DAY_MINUTES)
    if (backup[0] - start) % _DAY_MINUTES < upkeep or (start - backup[0]) % _DAY_MINUTES < length:
        yield invalid(names[0], daily, "The backup window and maintenance window must not overlap.", _CREATE)


def _minutes(text: str, pattern: str) -> tuple[int, int] | None:
    """Return start and end of a window in minutes since midnight UTC or Monday 00:00 UTC, or None if malformed."""
    found = re.fullmatch(pattern, text)
    if found is None:
        return None
    groups = found.groups()
    half = len(groups) // 2
    start, end = (
        (_DAYS.index(day[0]) if day else 0) * _DAY_MINUTES + int(hour) * 60 + int(minute)
        for *day, hour, minute in (groups[:half], groups[half:])
    )
    return start, end


def _monitoring(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a valid interval for Enhanced Monitoring, and a role unless the interval is 0."""
    seconds, role = parameters.get("MonitoringInterval"), parameters.get("MonitoringRoleArn")
    if isinstance(seconds, int) and seconds not in _MONITORING_SECONDS:
        words = f"Invalid monitoring interval, please enter a value in {list(_MONITORING_SECONDS)}"
        yield invalid("MonitoringInterval", seconds, words, f"{_MEASURED}-monitoring-interval-values")
    elif isinstance(seconds, int) and seconds and not role:
        words = "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."
        yield combination("MonitoringRoleArn", role, words, f"{_MEASURED}-monitoring-role-required")


def _insights(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an invalid retention for Performance Insights, and the feature on small MySQL or MariaDB instances."""
    days = parameters.get("PerformanceInsightsRetentionPeriod")
    if isinstance(days, int) and days not in _INSIGHTS_DAYS:
        words = f"Invalid Performance Insights retention period. Valid values are: {list(_INSIGHTS_DAYS)}"
        source = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Enabling.html"
        yield invalid("PerformanceInsightsRetentionPeriod", days, words, source)
    small = re.fullmatch(r"db\.t\w+\.(micro|small)", str(parameters.get("DBInstanceClass"))) is not None
    enabled = parameters.get("EnablePerformanceInsights") is True
    if enabled and small and parameters.get("Engine") in ("mysql", "mariadb"):
        words = "Performance Insights not supported for this configuration."
        yield combination("EnablePerformanceInsights", True, words, _INSIGHTS)


def _insights_off(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a retention or a key for Performance Insights if they are disabled."""
    if parameters.get("EnablePerformanceInsights") in (None, False):
        for name in ("PerformanceInsightsRetentionPeriod", "PerformanceInsightsKMSKeyId"):
            if parameters.get(name):
                words = "To enable Performance Insights, EnablePerformanceInsights must be set to 'true'"
                yield combination(name, parameters[name], words, f"{_MEASURED}-pi-retention-requires-enable")


def _zone(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an availability zone for a Multi-AZ instance. RDS chooses its zones."""
    zone = parameters.get("AvailabilityZone")
    if zone and parameters.get("MultiAZ") is True:
        words = "Requesting a specific availability zone is not valid for Multi-AZ instances."
        yield combination("AvailabilityZone", zone, words, _CREATE)


def _logs(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse the export of a log that the engine does not write."""
    engine, version = str(parameters.get("Engine", "")), parameters.get("EngineVersion") or ""
    has = next((logs for name, logs in _LOGS.items() if engine.startswith(name)), None)
    change = parameters.get("CloudwatchLogsExportConfiguration") or {}
    wanted = parameters.get("EnableCloudwatchLogsExports", change.get("EnableLogTypes")) or ()
    if has is None or not isinstance(wanted, list | tuple):
        return
    wrong = [(index, log) for index, log in enumerate(wanted) if isinstance(log, str) and known(log) and log not in has]
    if wrong:
        listed = ", ".join(f"'{log}'" for _, log in wrong)
        yield RefusedError(
            "InvalidParameterCombination",
            f"You cannot use the log types {listed} with engine version {engine} {version}. For supported log types, "
            "see the documentation.",
            path=("EnableCloudwatchLogsExports", wrong[0][0]),
            value=wrong[0][1],
            source=f"{_MEASURED}-logs-exports-engine",
        )


def _authority(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an unknown certificate authority."""
    name = parameters.get("CACertificateIdentifier")
    if isinstance(name, str) and known(name) and name not in _AUTHORITIES:
        yield RefusedError(
            "CertificateNotFound",
            f"Certificate not found: {name}",
            path=("CACertificateIdentifier",),
            value=name,
            source=_CERTIFICATES,
            accepted=", ".join(_AUTHORITIES),
        )


def _license(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a license model that the engine does not have."""
    model, engine = parameters.get("LicenseModel"), str(parameters.get("Engine"))
    if model and known(model) and engine in _LICENSES and model != _LICENSES[engine]:
        words = f"Invalid license model '{model}' for engine '{engine}'. Valid license models are: {_LICENSES[engine]}"
        yield combination("LicenseModel", model, words, f"{_MEASURED}-license-model-engine")


def _of_other_engines(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse parameters that open-source engines do not support, and a promotion tier outside of a cluster."""
    engine, version = str(parameters.get("Engine")), parameters.get("EngineVersion") or ""
    if engine not in _LICENSES:
        return
    for name, words, topic in (
        (
            "CharacterSetName",
            "You tried to modify the character set, which isn't supported when creating an instance using version "
            f"{version} of {engine}.",
            "character-set-engine",
        ),
        (
            "Timezone",
            f"You can't specify a time zone when you create a DB instance running {engine}.",
            "timezone-engine",
        ),
        (
            "PromotionTier",
            "You cannot set the promotion tier for a DB instance that is not part of an DB Cluster.",
            "promotion-tier-cluster-only",
        ),
    ):
        if parameters.get(name) is not None and not parameters.get("DBClusterIdentifier"):
            yield combination(name, parameters[name], words, f"{_MEASURED}-{topic}")


_ONCE = (_insights_off, _license, _of_other_engines)
_ALONE = (_retention, _backup_window, _maintenance_window, _authority)
_TOGETHER = (_windows_apart, _insights, _logs)
REQUEST_RULES: RequestRules = {
    ("rds", "CreateDBInstance"): (*_ALONE, *_TOGETHER, _monitoring, _zone, *_ONCE),
    ("rds", "ModifyDBInstance"): _ALONE,
}
STATE_RULES: StateRules = {("rds", "ModifyDBInstance"): (of_instance(*_TOGETHER),)}
