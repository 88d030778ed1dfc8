"""moto returns MySQL's license model for every RDS instance. PostgreSQL has another license model.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html (LicenseModel).
Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.rds.models import DBInstance

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if "postgres" in str(self.engine):
            self.license_model = "postgresql-license"

    original = changes.put(DBInstance, "__init__", init)


PATCH = Patch(name="rds_license", apply=apply)
