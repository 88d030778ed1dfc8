"""`drydock:database`."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from stacks.settings.model import RetentionDays, SettingsModel


class DatabaseSettings(SettingsModel):
    """The PostgreSQL instance on RDS."""

    engine_version: Annotated[str, Field(pattern=r"^1[4-8]\.[0-9]{1,2}$")] = "18.6"
    """PostgreSQL version with its minor version, in quotes."""

    instance_class: Annotated[str, Field(pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")] = "db.m7g.large"
    """RDS instance class."""

    allocated_storage_gib: Annotated[int, Field(ge=20, le=65536)] = 100
    """Initial storage in GiB."""

    max_allocated_storage_gib: Annotated[int, Field(ge=22, le=65536)] = 500
    """Maximum storage in GiB, up to which RDS grows automatically."""

    multi_az: bool = True
    """Run a standby in another zone."""

    max_connections: Annotated[int, Field(ge=20, le=5000)] = 400
    """Maximum number of connections to the server. The pods of the service must not need more."""

    ssl_mode: Literal["require", "verify-ca", "verify-full"] = "verify-full"
    """TLS mode of libpq between the service and the database. Only `verify-full` also checks the name."""

    backup_retention_days: Annotated[int, Field(ge=1, le=35)] = 14
    """Days of point-in-time recovery."""

    log_retention_days: RetentionDays = 365
    """Retention of the exported logs in days."""

    performance_insights: bool = True
    """Enable Performance Insights with 7 days of history. The classes `micro` and `small` do not support it."""

    deletion_protection: bool = True
    """Enable deletion protection in RDS."""

    apply_immediately: bool = False
    """Apply changes of `instanceClass`, `multiAz`, `engineVersion` and `allocatedStorageGib` immediately. Otherwise
    they wait for the maintenance window, Sunday 03:30 UTC: `up` warns, and ends before they are applied."""

    allow_major_version_upgrade: bool = False
    """Allow an upgrade of `engineVersion` to another major version. Requires `applyImmediately`. Set both for one
    deployment."""

    skip_final_snapshot: bool = False
    """Delete the instance without a final snapshot."""

    def problems(self) -> Iterator[str]:
        """Find storage that cannot grow, and Performance Insights on a class without it."""
        least = self.allocated_storage_gib * 11 // 10
        if self.max_allocated_storage_gib < least:
            yield (
                f"maxAllocatedStorageGib: must be {least} or more, a tenth above allocatedStorageGib "
                f"({self.allocated_storage_gib}), got {self.max_allocated_storage_gib}"
            )
        if self.allow_major_version_upgrade and not self.apply_immediately:
            yield (
                "allowMajorVersionUpgrade: requires applyImmediately: true, got false; RDS cannot delete the old "
                "version's parameter group while the upgrade waits for the maintenance window"
            )
        if self.performance_insights and self.instance_class.endswith((".micro", ".small")):
            yield f"performanceInsights: must be false with instanceClass {self.instance_class}, got true"
