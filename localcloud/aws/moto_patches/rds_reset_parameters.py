"""moto lacks ResetDBParameterGroup of RDS.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBParameterGroupNotFoundError
from moto.rds.responses import RDSResponse

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""
    changes.put(RDSResponse, "reset_db_parameter_group", reset_db_parameter_group)


def reset_db_parameter_group(self: Any) -> ActionResult:
    """Reset the named parameters, or all parameters."""
    name = self.params.get("DBParameterGroupName")
    group = self.backend.db_parameter_groups.get(name)
    if group is None:
        raise DBParameterGroupNotFoundError(name)
    if self.params.get("ResetAllParameters"):
        group.parameters.clear()
    for parameter in self.params.get("Parameters", []):
        group.parameters.pop(parameter.original_dict()["ParameterName"], None)
    return ActionResult({"DBParameterGroupName": name})


PATCH = Patch(name="rds_reset_parameters", apply=apply)
