"""`drydock:database`."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from stacks.settings.model import RetentionDays, SettingsModel


class DatabaseSettings(SettingsModel):
    """The PostgreSQL on RDS."""

    engine_version: Annotated[str, Field(pattern=r"^1[4-8]\.[0-9]{1,2}$")] = "18.6"
    """PostgreSQL version with its minor, in quotes."""

    instance_class: Annotated[str, Field(pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")] = "db.m7g.large"
    """RDS instance class."""

    allocated_storage_gib: Annotated[int, Field(ge=20, le=65536)] = 100
    """Storage at the start, in GiB."""

    max_allocated_storage_gib: Annotated[int, Field(ge=22, le=65536)] = 500
    """Storage that RDS may grow to by itself, in GiB."""

    multi_az: bool = True
    """Keep a standby in another zone."""

    max_connections: Annotated[int, Field(ge=20, le=5000)] = 400
    """Connections the server takes. The pods of the service must not need more."""

    ssl_mode: Literal["require", "verify-ca", "verify-full"] = "verify-full"
    """TLS between the service and the database, in libpq's words. Only `verify-full` also checks the name."""

    backup_retention_days: Annotated[int, Field(ge=1, le=35)] = 14
    """Days back to which the database can be restored to any second."""

    log_retention_days: RetentionDays = 365
    """Days that exported logs are kept."""

    performance_insights: bool = True
    """Record waits and statements for 7 days. The classes `micro` and `small` cannot."""

    deletion_protection: bool = True
    """Have RDS refuse to delete the instance."""

    apply_immediately: bool = False
    """Make changes that interrupt the service, such as another `instanceClass`, when they are deployed. Otherwise they
    wait for the maintenance window, Sunday 03:30 UTC, and `up` succeeds before they are made."""

    allow_major_version_upgrade: bool = False
    """Let `engineVersion` rise to another major version. Needs `applyImmediately`. Set both for that one deployment."""

    skip_final_snapshot: bool = False
    """Delete the instance without a last snapshot."""

    def problems(self) -> Iterator[str]:
        """Find storage that cannot grow, and insights on a class that has none."""
        least = self.allocated_storage_gib * 11 // 10
        if self.max_allocated_storage_gib < least:
            yield (
                f"maxAllocatedStorageGib: must be {least} or more, a tenth above allocatedStorageGib "
                f"({self.allocated_storage_gib}), got {self.max_allocated_storage_gib}"
            )
        if self.allow_major_version_upgrade and not self.apply_immediately:
            yield (
                "allowMajorVersionUpgrade: needs applyImmediately: true, got false; RDS cannot delete the old "
                "version's parameter group while the upgrade waits for the maintenance window"
            )
        if self.performance_insights and self.instance_class.endswith((".micro", ".small")):
            yield f"performanceInsights: must be false with instanceClass {self.instance_class}, got true"
