"""moto ignores the type of the IP addresses of a VPC endpoint.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses.vpcs import VPCs

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto. Its responses read attributes by AWS's names."""

    def create_vpc_endpoint(self: Any) -> Any:
        before = set(self.ec2_backend.vpc_end_points)
        answer = created(self)
        for id_ in set(self.ec2_backend.vpc_end_points) - before:
            self.ec2_backend.vpc_end_points[id_].ip_address_type = self._get_param("IpAddressType")
        return answer

    def modify_vpc_endpoint(self: Any) -> Any:
        answer, type_ = modified(self), self._get_param("IpAddressType")
        if type_ is not None:
            self.ec2_backend.vpc_end_points[self._get_param("VpcEndpointId")].ip_address_type = type_
        return answer

    changes.put(VPCEndPoint, "ip_address_type", None)
    created = changes.put(VPCs, "create_vpc_endpoint", create_vpc_endpoint)
    modified = changes.put(VPCs, "modify_vpc_endpoint", modify_vpc_endpoint)


PATCH = Patch(name="ec2_endpoint_addresses", apply=apply)
