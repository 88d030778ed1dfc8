"""ModifyDBInstance takes what RDS refuses; see `refusal`."""

from typing import Any

from moto.rds.exceptions import RDSClientError
from moto.rds.models import RDSBackend

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def modify_db_instance(self: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> Any:
        instance = self.describe_db_instances(db_instance_identifier)[0]
        asked = {key: value for key, value in db_kwargs.items() if value is not None}
        name = str(asked.get("db_parameter_group_name") or instance.db_parameter_group_name or "default.")
        group = None if name.startswith("default.") else self.db_parameter_groups.get(name)
        refused = refusal(instance, asked, str(getattr(group, "family", "")))
        if refused is not None:
            raise refused
        return original(self, db_instance_identifier, db_kwargs)

    original = changes.put(RDSBackend, "modify_db_instance", modify_db_instance)


def refusal(instance: Any, asked: dict[str, Any], family: str) -> Exception | None:
    """The error that RDS answers a change with, or None.

    The rules are those of
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html: storage only grows, a version
    only rises, another major version has to be allowed and brings its parameter group along, and what keeps backups or
    insights within limits.

    Args:
        instance: moto's.
        asked: parameters of the request, in snake case.
        family: family of the parameter group that the instance will have; "" where it is RDS's default group.
    """
    size = asked.get("allocated_storage")
    if size is not None and int(size) < int(instance.allocated_storage):
        message = f"Invalid storage size for engine name {instance.engine} and storage type {instance.storage_type}"
        return _invalid("InvalidParameterCombination", f"{message}: {size}; storage cannot be reduced")
    now, wanted = str(instance.engine_version), str(asked.get("engine_version") or instance.engine_version)
    if _parts(wanted)[: len(_parts(now))] < _parts(now)[: len(_parts(wanted))]:
        return _invalid("InvalidParameterCombination", f"Cannot upgrade {instance.engine} from {now} to {wanted}")
    if _parts(wanted)[0] != _parts(now)[0] and not asked.get("allow_major_version_upgrade"):
        return _invalid(
            "InvalidParameterCombination",
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.",
        )
    major = f"{instance.engine}{_parts(wanted)[0]}"
    if family and family != major:
        return _invalid(
            "InvalidParameterCombination",
            f"The Parameter Group with DBParameterGroupFamily {family} cannot be used for this instance. "
            f"Please use a Parameter Group with DBParameterGroupFamily {major}",
        )
    retention = asked.get("backup_retention_period")
    if retention is not None and not 0 <= int(retention) <= 35:
        return _invalid("InvalidParameterValue", f"Invalid backup retention period: {retention}. Must be 0 to 35")
    return None


def _invalid(code: str, message: str) -> Exception:
    error: Exception = RDSClientError(code, message)
    return error


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


PATCH = Patch(name="rds_modify_rules", apply=apply)
