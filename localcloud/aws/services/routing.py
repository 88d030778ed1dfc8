"""Route tables, routes and associations. EC2 returns routes and associations only as parts of a route table."""

import zlib
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource
from localcloud.aws.services._ec2 import Ec2Resource
from localcloud.aws.shapes import from_api, same
from localcloud.protocol.values import Properties

_DESTINATIONS = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")
_TARGETS = ("gatewayId", "natGatewayId", "transitGatewayId", "vpcPeeringConnectionId", "networkInterfaceId")
_RENAMES = {"egressOnlyGatewayId": "EgressOnlyInternetGatewayId"}


class RouteTable(Ec2Resource):
    """A route table, without its routes."""

    type = "aws:ec2/routeTable:RouteTable"
    gone = {"InvalidRouteTableID.NotFound": ("id",)}
    kind = "route-table"
    replaces = ("vpcId",)
    create_operation = "CreateRouteTable"
    created_id = "RouteTable.RouteTableId"
    describe_operation = "DescribeRouteTables"
    found = "RouteTables.0"
    id_parameter = "RouteTableIds"
    delete_operation = "DeleteRouteTable"


class Route(Resource):
    """A route of a route table."""

    type = "aws:ec2/route:Route"
    gone = {"InvalidRouteTableID.NotFound": ("routeTableId",), "InvalidRoute.NotFound": _DESTINATIONS}
    service = "ec2"
    replaces = ("routeTableId", *_DESTINATIONS)
    exclusive = True

    def create(self, aws: Account, inputs: Properties) -> str:
        """Add the route to its table. The id is computed like in Pulumi's provider."""
        aws.mapped("ec2", "CreateRoute", inputs, _RENAMES)
        destination = next(inputs[name] for name in _DESTINATIONS if inputs.get(name))
        return f"r-{inputs['routeTableId']}{zlib.crc32(destination.encode())}"

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Find the route in its table by its destination, or return None."""
        for route in _table(aws, inputs).get("Routes", ()):
            found = from_api(route)
            if any(inputs.get(name) and same(inputs[name], found.get(name)) for name in _DESTINATIONS):
                # Return unset targets as None, so that a changed target is detected.
                found["egressOnlyGatewayId"] = found.pop("egressOnlyInternetGatewayId", None)
                return {"routeTableId": inputs["routeTableId"], **dict.fromkeys(_TARGETS), **found}
        return None

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Change the target of the route."""
        if changed:
            aws.mapped("ec2", "ReplaceRoute", new, _RENAMES)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Remove the route from its table."""
        destination = {name: inputs[name] for name in _DESTINATIONS if inputs.get(name)}
        aws.mapped("ec2", "DeleteRoute", {"routeTableId": inputs["routeTableId"], **destination})


class RouteTableAssociation(Resource):
    """The association of a subnet with a route table."""

    type = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    gone = {"InvalidAssociationID.NotFound": ("id", "routeTableAssociationId")}
    service = "ec2"
    replaces = ("subnetId",)
    exclusive = True

    def create(self, aws: Account, inputs: Properties) -> str:
        """Associate the subnet with the route table."""
        return str(aws.mapped("ec2", "AssociateRouteTable", inputs)["AssociationId"])

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Find the association by its subnet. Its id changes when the subnet gets another route table."""
        return _association(aws, inputs)

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Associate the subnet with another route table."""
        found = _association(aws, old)
        if found and "routeTableId" in changed:
            aws.call(
                "ec2",
                "ReplaceRouteTableAssociation",
                AssociationId=found["routeTableAssociationId"],
                RouteTableId=new["routeTableId"],
            )

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Disassociate the subnet from the route table."""
        found = _association(aws, inputs)
        if found:
            aws.call("ec2", "DisassociateRouteTable", AssociationId=found["routeTableAssociationId"])


def _table(aws: Account, inputs: Properties) -> dict[str, Any]:
    tables = aws.call("ec2", "DescribeRouteTables", RouteTableIds=[inputs["routeTableId"]])["RouteTables"]
    return dict(tables[0]) if tables else {}


def _association(aws: Account, inputs: Properties) -> Properties | None:
    here = [{"Name": "association.subnet-id", "Values": [inputs["subnetId"]]}]
    for table in aws.call("ec2", "DescribeRouteTables", Filters=here)["RouteTables"]:
        for association in table["Associations"]:
            if association.get("SubnetId") == inputs["subnetId"]:
                return dict(from_api(association))
    return None


TYPES: tuple[type[Resource], ...] = (RouteTable, Route, RouteTableAssociation)
