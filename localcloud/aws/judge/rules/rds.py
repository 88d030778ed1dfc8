"""Rules of RDS."""

from collections.abc import Iterator

from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.judge.rules.rule import Parameters, RequestRules, StateRules

# PostgreSQL reads these only when it starts: https://www.postgresql.org/docs/18/runtime-config.html, the sections of
# connections, resources, WAL, replication and libraries.
STATIC = frozenset(
    {
        "autovacuum_freeze_max_age",
        "autovacuum_multixact_freeze_max_age",
        "huge_pages",
        "max_connections",
        "max_locks_per_transaction",
        "max_logical_replication_workers",
        "max_prepared_transactions",
        "max_replication_slots",
        "max_wal_senders",
        "max_worker_processes",
        "shared_buffers",
        "shared_preload_libraries",
        "track_activity_query_size",
        "wal_buffers",
    }
)


def _apply_method(parameters: Parameters) -> Iterator[RefusedError]:
    """`ModifyDBParameterGroup` takes `immediate` for dynamic parameters only."""
    for index, each in enumerate(parameters.get("Parameters") or ()):
        if each.get("ApplyMethod") == "immediate" and each.get("ParameterName") in STATIC:
            yield RefusedError(
                "InvalidParameterCombination",
                "cannot use immediate apply method for static parameter",
                path=("Parameters", index, "ParameterName"),
                value=each["ParameterName"],
                source="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html",
            )


def _retention(parameters: Parameters) -> Iterator[RefusedError]:
    """Backups are kept for 0 to 35 days."""
    days = parameters.get("BackupRetentionPeriod")
    if isinstance(days, int) and not 0 <= days <= 35:
        yield RefusedError(
            "InvalidParameterValue",
            f"Invalid backup retention period: {days}. Must be 0 to 35",
            path=("BackupRetentionPeriod",),
            value=days,
            source="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html",
        )


def _autoscaling(parameters: Parameters) -> Iterator[RefusedError]:
    """Storage grows to more than it starts with."""
    start, limit = parameters.get("AllocatedStorage"), parameters.get("MaxAllocatedStorage")
    if isinstance(start, int) and isinstance(limit, int) and limit <= start:
        yield RefusedError(
            "InvalidParameterCombination",
            "Max storage size must be greater than storage size",
            path=("MaxAllocatedStorage",),
            value=limit,
            source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html",
        )


REQUEST_RULES: RequestRules = {
    ("rds", "CreateDBInstance"): (_retention, _autoscaling),
    ("rds", "ModifyDBInstance"): (_retention, _autoscaling),
    ("rds", "ModifyDBParameterGroup"): (_apply_method,),
}
STATE_RULES: StateRules = {}
