"""moto's EC2, taught to switch the private DNS of an endpoint, which it takes at creation only."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses.vpcs import VPCs

_MODIFY = VPCs.modify_vpc_endpoint


def extend() -> None:
    """Put it under moto."""
    VPCs.modify_vpc_endpoint = modify_vpc_endpoint


def modify_vpc_endpoint(self: Any) -> ActionResult:
    """ModifyVpcEndpoint."""
    result = _MODIFY(self)
    enabled = self._get_param("PrivateDnsEnabled")
    if enabled is not None:
        endpoints = self.ec2_backend.describe_vpc_endpoints(vpc_end_point_ids=[self._get_param("VpcEndpointId")])
        endpoints[0].private_dns_enabled = enabled
    return result
