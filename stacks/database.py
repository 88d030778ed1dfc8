"""The database of an environment, which the services share."""

from components.database import Database, DatabaseArgs
from stacks.foundation import Foundation
from stacks.names import Names
from stacks.settings import Settings


def build_database(settings: Settings, names: Names, base: Foundation) -> Database:
    """Make the database."""
    return Database("database", _database_args(settings, names, base), base.on_aws)


def _database_args(settings: Settings, names: Names, base: Foundation) -> DatabaseArgs:
    wanted = settings.database
    return DatabaseArgs(
        identifier=names.database,
        vpc_id=base.network.vpc_id,
        subnet_ids=base.network.database_subnet_ids,
        client_security_group_id=base.cluster.security_group_id,
        engine_version=wanted.engine_version,
        instance_class=wanted.instance_class,
        allocated_storage_gib=wanted.allocated_storage_gib,
        max_allocated_storage_gib=wanted.max_allocated_storage_gib,
        multi_az=wanted.multi_az,
        max_connections=wanted.max_connections,
        backup_retention_days=wanted.backup_retention_days,
        log_retention_days=wanted.log_retention_days,
        existing_log_groups=base.log_groups,
        performance_insights=wanted.performance_insights,
        apply_immediately=wanted.apply_immediately,
        allow_major_version_upgrade=wanted.allow_major_version_upgrade,
        deletion_protection=wanted.deletion_protection,
        skip_final_snapshot=wanted.skip_final_snapshot,
        protect=settings.protect,
    )
