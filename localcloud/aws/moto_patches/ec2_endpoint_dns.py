"""moto ignores PrivateDnsEnabled in ModifyVpcEndpoint. It only accepts it at creation.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses.vpcs import VPCs

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def modify_vpc_endpoint(self: Any) -> ActionResult:
        result: ActionResult = original(self)
        enabled = self._get_param("PrivateDnsEnabled")
        if enabled is not None:
            endpoints = self.ec2_backend.describe_vpc_endpoints(vpc_end_point_ids=[self._get_param("VpcEndpointId")])
            endpoints[0].private_dns_enabled = enabled
        return result

    original = changes.put(VPCs, "modify_vpc_endpoint", modify_vpc_endpoint)


PATCH = Patch(name="ec2_endpoint_dns", apply=apply)
