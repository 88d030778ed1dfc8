"""moto's RDS, told where its instances really are, and how to reset a parameter."""

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBParameterGroupNotFoundError
from moto.rds.models import DBInstance
from moto.rds.responses import RDSResponse


def extend(host: str, port: int) -> None:
    """Every instance answers with the local endpoint, whatever port it was asked to have."""
    DBInstance.address = property(lambda _self: host)
    DBInstance.endpoint = property(lambda _self: {"Address": host, "Port": port, "HostedZoneId": "Z0LOCAL"})
    RDSResponse.reset_db_parameter_group = reset_db_parameter_group


def reset_db_parameter_group(self: Any) -> ActionResult:
    """ResetDBParameterGroup, which moto lacks: forget the parameters named, or all."""
    name = self.params.get("DBParameterGroupName")
    group = self.backend.db_parameter_groups.get(name)
    if group is None:
        raise DBParameterGroupNotFoundError(name)
    if self.params.get("ResetAllParameters"):
        group.parameters.clear()
    for parameter in self.params.get("Parameters", []):
        group.parameters.pop(parameter.original_dict()["ParameterName"], None)
    return ActionResult({"DBParameterGroupName": name})
