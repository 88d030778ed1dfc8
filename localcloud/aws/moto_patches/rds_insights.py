"""moto drops the settings of Performance Insights and Database Insights, and of the log volume of RDS instances.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.rds.models import DBInstance

from localcloud.aws.moto_patches.patch import Changes, Patch

DEFAULT_DAYS = 7
_ASKED = (
    "database_insights_mode",
    "dedicated_log_volume",
    "enable_performance_insights",
    "performance_insights_kms_key_id",
    "performance_insights_retention_period",
)


def apply(changes: Changes) -> None:
    """Patch moto. Its ModifyDBInstance sets any attribute, and its responses read attributes by AWS's names."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        for name in _ASKED:
            if kwargs.get(name) is not None:
                setattr(self, name, kwargs[name])
        if self.performance_insights_enabled and self.performance_insights_retention_period is None:
            self.performance_insights_retention_period = DEFAULT_DAYS

    for name in _ASKED:
        changes.put(DBInstance, name, None)
    enabled = property(lambda self: bool(self.enable_performance_insights))
    changes.put(DBInstance, "performance_insights_enabled", enabled)
    original = changes.put(DBInstance, "__init__", init)


PATCH = Patch(name="rds_insights", apply=apply)
