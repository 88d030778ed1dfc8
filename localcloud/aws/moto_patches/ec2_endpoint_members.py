"""moto does not update the routes and network interfaces of an endpoint in ModifyVpcEndpoint.

On AWS a gateway endpoint has a route in each of its route tables, and an interface endpoint has a network interface in
each of its subnets. ModifyVpcEndpoint adds and removes them. Without the patch, DeleteVpcEndpoints fails with
InvalidRoute.NotFound if the endpoint got another route table, or if it was deleted before.

Upstream in 2026-11: #9111 closed by #9138, which removes subnets; routes and interfaces not reported.
"""

from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.utils import random_private_ip

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def modify_vpc_endpoint(self: Any, vpc_id: str, *args: Any, **kwargs: Any) -> None:
        endpoint = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])[0]
        tables, subnets = list(endpoint.route_table_ids), list(endpoint.subnet_ids or [])
        original(self, vpc_id, *args, **kwargs)
        _move_routes(self, endpoint, tables)
        _move_interfaces(self, endpoint, subnets)

    def delete_vpc_endpoints(self: Any, vpce_ids: list[str] | None = None) -> None:
        # A deleted endpoint stays in the list for some time, but without routes.
        delete(self, [id_ for id_ in vpce_ids or [] if getattr(self.vpc_end_points.get(id_), "state", "") != "deleted"])

    original = changes.put(EC2Backend, "modify_vpc_endpoint", modify_vpc_endpoint)
    delete = changes.put(EC2Backend, "delete_vpc_endpoints", delete_vpc_endpoints)


def _move_routes(ec2: Any, endpoint: Any, before: list[str]) -> None:
    prefixes = endpoint.destination_prefix_list_id
    if not prefixes:
        return
    for table in set(before) - set(endpoint.route_table_ids):
        ec2.delete_route(table, prefixes)
    for table in sorted(set(endpoint.route_table_ids) - set(before)):
        ec2.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes)


def _move_interfaces(ec2: Any, endpoint: Any, before: list[str]) -> None:
    if str(endpoint.vpc_endpoint_type).lower() != "interface":
        return
    gone = set(before) - set(endpoint.subnet_ids)
    for id_ in list(endpoint.network_interface_ids):
        if ec2.enis[id_].subnet.id in gone:
            del ec2.enis[id_]
            endpoint.network_interface_ids.remove(id_)
    for subnet in sorted(set(endpoint.subnet_ids) - set(before)):
        endpoint.network_interface_ids.append(ec2.create_network_interface(subnet, random_private_ip()).id)


PATCH = Patch(name="ec2_endpoint_members", apply=apply)
