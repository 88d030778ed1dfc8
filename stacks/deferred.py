"""Changes of the database that RDS defers to the maintenance window, although an `up` reports success."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.database import MAINTENANCE_WINDOW
from stacks.deployed import Deployed
from stacks.settings.database import DatabaseSettings

INSTANCE_TYPE = "aws:rds/instance:Instance"


def deferred(wanted: DatabaseSettings, identifier: str, deployed: Deployed) -> Iterator[str]:
    """Yield a line if the database in the state differs from the settings in properties that RDS changes later.

    Without ApplyImmediately RDS changes these properties in the maintenance window: class, Multi-AZ and engine version
    (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html), and storage
    (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PendingModifiedValues.html). It changes the others
    that have a setting as soon as possible, such as the backup retention, or with a restart, such as `max_connections`.
    Until the window the state has the old values, so each deployment yields the line again.

    Args:
        wanted: settings of the database.
        identifier: name of the instance.
        deployed: resources in the state.
    """
    if wanted.apply_immediately:
        return
    for instance in deployed.of_type(INSTANCE_TYPE):
        changes = ", ".join(_changes(wanted, instance)) if instance.get("identifier") == identifier else ""
        if changes:
            yield (
                f"RDS changes {changes} in the maintenance window ({MAINTENANCE_WINDOW} UTC), and `up` ends before; to "
                "apply it at once, which may interrupt connections, set database.applyImmediately: true"
            )


def _changes(wanted: DatabaseSettings, instance: Mapping[str, Any]) -> Iterator[str]:
    # While an upgrade waits, the provider has its version in `engineVersion`:
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/engine_version.go
    version = instance.get("engineVersionActual") or instance.get("engineVersion")
    for setting, old, new in (
        ("instanceClass", instance.get("instanceClass"), wanted.instance_class),
        ("multiAz", instance.get("multiAz"), wanted.multi_az),
        ("engineVersion", version, wanted.engine_version),
    ):
        if old not in (None, new):
            yield f"{setting} from {_shown(old)} to {_shown(new)}"
    # RDS grows the storage by itself and never shrinks it, so a smaller setting changes nothing.
    storage, least = int(instance.get("allocatedStorage") or 0), wanted.allocated_storage_gib
    if 0 < storage < least:
        yield f"allocatedStorageGib from {storage} to {least}"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
