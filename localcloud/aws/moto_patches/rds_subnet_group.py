"""moto removes a subnet group from the account in ModifyDBSubnetGroup, because it does not add it again.

Upstream in 2026-11: #4125 merged, which added the operation; the defect not reported.
"""

from typing import Any

from moto.rds.models import RDSBackend

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def modify_db_subnet_group(self: Any, subnet_name: str, *args: Any, **kwargs: Any) -> Any:
        self.describe_db_subnet_groups(subnet_name)  # raises AWS's error; moto raises a KeyError
        group = original(self, subnet_name, *args, **kwargs)
        self.subnet_groups[subnet_name] = group
        return group

    original = changes.put(RDSBackend, "modify_db_subnet_group", modify_db_subnet_group)


PATCH = Patch(name="rds_subnet_group", apply=apply)
